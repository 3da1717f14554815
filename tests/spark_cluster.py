"""A real cluster of Apache Spark on this machine: a master, two workers, and Spark Connect.

All of it listens on loopback alone, and ends with the test run.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

PATIENCE_S = 180
LOOPBACK = "127.0.0.1"

SETTINGS = {
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.host": LOOPBACK,
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.executor.memory": "512m",
    "spark.executor.cores": "1",
    "spark.cores.max": "2",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "1",
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.address": LOOPBACK,
    # Compiling and replanning take longer than the few rows of a test.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


class Sessions(NamedTuple):
    """Two ways to one cluster."""

    driver: Any
    """The session of a driver in this process."""
    connect: Any
    """A session of Spark Connect, as a notebook without Java has it."""


@contextmanager
def running_cluster(folder: Path) -> Iterator[Sessions]:
    """Start a master and two workers, and yield the two sessions."""
    master, web, connect = free_ports(3)
    url = f"spark://{LOOPBACK}:{master}"
    at = ["--host", LOOPBACK, "--webui-port"]
    started = [start("master.Master", folder, "--port", str(master), *at, str(web))]
    try:
        for n in (1, 2):
            work = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker{n}")]
            started.append(start("worker.Worker", folder, *work, *at, "0", url))
        wait_for_workers(web, 2)
        with sessions(url, connect, folder) as found:
            yield found
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(PATIENCE_S)


def start(name: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a part of a standalone cluster; what it says is in `folder`."""
    import pyspark

    home = Path(pyspark.__file__).parent
    log = (folder / f"{name}-{len(list(folder.iterdir()))}.log").open("wb")
    return subprocess.Popen(
        [home / "bin" / "spark-class", f"org.apache.spark.deploy.{name}", *arguments],
        env={**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": LOOPBACK},
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def wait_for_workers(web: int, count: int) -> None:
    """Wait until a master knows its workers."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{web}/json/", timeout=5) as answer:
                if json.load(answer)["aliveworkers"] == count:
                    return
        except (OSError, ValueError):
            pass  # While it starts it does not answer, or not with JSON.
        assert time.monotonic() < deadline, "the cluster has not started"
        time.sleep(0.2)


@contextmanager
def sessions(url: str, port: int, folder: Path) -> Iterator[Sessions]:
    """Open a session of each kind on a cluster."""
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    builder = SparkSession.builder.master(url).appName("smtpauth-kit")
    own = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    for name, value in (SETTINGS | own).items():
        builder = builder.config(name, value)
    driver = builder.getOrCreate()
    try:
        connect = ConnectSession.builder.remote(f"sc://{LOOPBACK}:{port}").getOrCreate()
        yield Sessions(driver, connect)
        connect.stop()
    finally:
        driver.stop()


def free_ports(count: int) -> list[int]:
    """Return ports on loopback that nobody listens on."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind((LOOPBACK, 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports
