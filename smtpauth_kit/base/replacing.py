"""A file is written anew: made beside the old one, synced, swapped in with the old one's rights.

Whoever reads it has the old one or the new one, whole. Nobody can guess the name of what is being
made, and a link that lies in its place is not followed. A link that is given by its own name stays:
what it leads to is replaced.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from smtpauth_kit.base.errors import KitError
from smtpauth_kit.base.sentences import Sentence

_MOST_LINKS: Final = 40
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_MADE_ONLY: Final = (
    os.O_CREAT | os.O_EXCL | os.O_WRONLY
    | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip
_ACL: Final = "system.posix_acl_access"


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that is there keeps its owner and rights.

    Raises
    ------
    OSError
        It cannot be written; the old one is as it was, and nothing lies beside it.

    Examples
    --------
    >>> write(folder / "report.html", b"<html>")
    >>> (folder / "report.html").read_bytes()
    b'<html>'
    """
    place = place_of(path)
    with _part(place.parent, 0o666 if _stat(place) is None else 0o600) as (part, stream):
        stream.write(content)
        keep_rights(stream.fileno(), place)
        swap_in(stream, part, place)


def write_new(places: Iterable[Path], content: bytes, mode: int) -> Path:
    """Write a file whole, under the first of some names in one folder that no file has.

    Examples
    --------
    >>> names = [folder / "a.eml", folder / "b.eml"]
    >>> [write_new(names, b"x", 0o600).name for _ in names]
    ['a.eml', 'b.eml']
    """
    places = iter(places)
    place = next(places)
    with _part(place.parent, mode) as (part, stream):
        stream.write(content)
        while not _claimed(place, mode):
            place = next(places)
        try:
            swap_in(stream, part, place)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
    return place


def place_of(path: Path) -> Path:
    """Return where a file is written: where the link leads, if `path` is one.

    Raises
    ------
    OSError
        The links lead in a circle; a link was put into a shared folder by somebody else; or what is
        there is no file.
    """
    path = path.absolute()
    for _ in range(_MOST_LINKS):
        if not path.is_symlink():
            _stat(path)
            return path
        if _is_planted(path):
            raise PermissionError(errno.EACCES, "a link that somebody else put there", str(path))
        path = path.parent / os.readlink(path)
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _is_planted(link: Path) -> bool:
    """Tell whether a link in a folder like /tmp is of neither this user nor the folder's owner."""
    folder, made_by = link.parent.stat(), link.lstat().st_uid
    is_shared = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    return bool(is_shared) and made_by not in (os.geteuid(), folder.st_uid)


def _stat(place: Path) -> os.stat_result | None:
    """Return the rights of a file that is there; whatever else is there is not replaced."""
    try:
        found = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "there is something that is no file", str(place))
    return found


@contextmanager
def _part(folder: Path, mode: int) -> Iterator[tuple[Path, IO[bytes]]]:
    """Make a file that is not there yet; it is gone at the end, if it was not swapped in."""
    part = folder / f".smtpauth-{secrets.token_hex(8)}.part"
    with os.fdopen(os.open(part, _MADE_ONLY, mode), "wb") as stream:
        try:
            yield part, stream
        finally:
            with suppress(OSError):  # Of a full disk: it was said.
                stream.close()
            part.unlink(missing_ok=True)


def _claimed(place: Path, mode: int) -> bool:
    try:
        os.close(os.open(place, _MADE_ONLY, mode))
    except FileExistsError:
        return False
    return True


def keep_rights(made: int, place: Path) -> None:
    """Give an open file the owner and rights of the one that it is to replace, where that goes.

    Where the group cannot be kept, another group gets no more than everybody. On Windows a file has
    the rights of its folder.
    """
    old = _stat(place)
    if old is None or not hasattr(os, "fchown"):
        return
    mode, now = stat.S_IMODE(old.st_mode) & 0o777, os.fstat(made)
    is_same = _owned(made, old.st_uid, old.st_gid, now) or _owned(made, now.st_uid, old.st_gid, now)
    with suppress(OSError):  # A drive without rights (FAT, some network drives).
        os.fchmod(made, mode if is_same else mode & 0o707 | (mode & 0o007) << 3)
    if is_same:
        with suppress(OSError, AttributeError):
            os.setxattr(made, _ACL, os.getxattr(place, _ACL))


def _owned(made: int, user: int, group: int, now: os.stat_result) -> bool:
    if (user, group) == (now.st_uid, now.st_gid):
        return True
    try:
        os.fchown(made, user, group)
    except OSError:
        return False
    return True


def swap_in(stream: IO[bytes], part: Path, place: Path, wait_s: float = 1.0) -> None:
    """Put a whole file, open as `stream`, in the place of another, on the disk itself.

    On Windows a file that somebody has open cannot be replaced: that is tried for `wait_s` seconds.
    """
    stream.flush()
    os.fsync(stream.fileno())
    stream.close()
    deadline = time.monotonic() + wait_s
    while True:
        try:
            os.replace(part, place)
            break
        except PermissionError:
            if os.name != "nt" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    """Let the new name last, too, should the power fail now; Windows has no such call."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def work_folder(place: Path, ending: str) -> Iterator[Path]:
    """Make a folder beside a file, for nobody else: `NAME.<random>.ENDING`; gone at the end."""
    folder = place.with_name(f"{place.name}.{secrets.token_hex(8)}.{ending}")
    # Not on Windows: there a file keeps the rights of the folder it was made in, wherever it goes.
    os.mkdir(folder, 0o777 if os.name == "nt" else 0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(place: Path, ending: str, begins: str = "") -> None:
    """Remove the folders of work (`NAME.<random>.ENDING`) that was killed.

    Only those of which everything in them begins with `begins`: another's folder is left alone.
    """
    made = re.compile(rf"{re.escape(place.name)}\.[0-9a-f]{{16}}\.{ending}")
    for folder in os.scandir(place.parent):
        is_ours = made.fullmatch(folder.name) and folder.is_dir(follow_symlinks=False)
        with suppress(OSError):
            if is_ours and all(name.startswith(begins) for name in os.listdir(folder)):
                shutil.rmtree(folder)


def is_full(error: BaseException) -> bool:
    """Tell whether there was no room: a full disk, a quota, a limit on file sizes."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return any(os.strerror(code) in str(error) for code in _FULL)


def why(error: BaseException) -> str:
    """Return in a few words why something could not be written.

    Examples
    --------
    >>> why(OSError(errno.ENOSPC, "No space left on device", "/a/b"))
    'No space left on device'
    >>> why(RuntimeError('IO Error: Could not write file "/a/b": No space left on device'))
    'No space left on device'
    """
    if isinstance(error, OSError):
        return error.strerror or str(error)
    full = (os.strerror(code) for code in _FULL if os.strerror(code) in str(error))
    return next(full, str(error).split("\n")[0].rstrip("."))


@contextmanager
def temporary_files(refused: type[KitError] = KitError) -> Iterator[None]:
    """Say it in plain words when the temporary folder of this machine is full.

    Raises
    ------
    KitError
        It is; as `refused`, where only one file is not loaded for it.
    """
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise
        raise refused.of(_no_room(error)) from None


def _no_room(error: OSError) -> Sentence:
    return Sentence(
        "The folder for temporary files, {folder}, has no room: {system}. "
        "Make room there, or name another folder in the environment variable TMPDIR.",
        folder=tempfile.gettempdir(),
        system=why(error),
    )
