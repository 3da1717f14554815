"""The mail log of a Unix server: Postfix and Dovecot, which write into the same one.

Every line was written by a program, but what stands in it may come from a client: a line counts
only when it is that program's line from end to end. In what envelope it comes does not matter
(`log_envelope`, `log_json`), nor whether the newest line stands first.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from smtpauth_kit.base.errors import FileRefused
from smtpauth_kit.base.facts import Fact, Rejected, SignIn, rejected
from smtpauth_kit.base.sentences import Sentence, phrases
from smtpauth_kit.formats import dovecot, log_json, postfix_lines
from smtpauth_kit.formats.format import Context, ExportFormat, Field
from smtpauth_kit.formats.log_envelope import (
    MAX_LINE,
    LogLine,
    has_year,
    instant,
    is_preamble,
    peeled,
)
from smtpauth_kit.formats.postfix import PostfixLog, service_of
from smtpauth_kit.formats.postfix_open import rank_in_second
from smtpauth_kit.formats.receive_log import logged_sign_in
from smtpauth_kit.formats.rows import Cells, Converter, Ends
from smtpauth_kit.values import times
from smtpauth_kit.values.cells import Unfit

_LOOKED_AT: Final = 200
"""Lines from the start of a log that show whether its newest line stands first."""
MAX_BACKWARDS: Final = 256 * 1024 * 1024
"""Characters of a log with the newest line first, which has to be held whole."""
MAX_REPEATED: Final = 10_000
_MAX_KEYS: Final = 10_000
_REPEATED = re.compile(r"message repeated (\d{1,9}) times?: \[ ?(.*)\]", re.DOTALL)
_LAST_REPEATED = re.compile(r"last message repeated (\d{1,9}) times?")
_MANY_ATTEMPTS = Sentence(
    "{n:tells|tell} of more than one attempt that failed; each is counted as one"
)
_LOOK_ALIKE = Sentence(
    "{n:looks|look} like a sign-in or a submission, but {n:fits|fit} no rule of the kit; "
    "{n:it is|they are} not counted"
)
_BACKWARDS = Sentence(
    "{n:stands|stand} newest first; {n:it was|they were} read from the last to the first"
)


class _Log:
    """What the lines so far tell."""

    def __init__(self, context: Context) -> None:
        self._tally = context.tally
        self._near = context.period[1] if context.period else context.file_day
        self._is_said = context.period is not None
        self._no_year = Sentence(
            "{n:has|have} no year: it was taken from the file's own date, {day} (--period says "
            "another)",
            day=self._near,
        )
        self._postfix = PostfixLog(self._at, context.tally, context.is_joined)
        self.rest = self._postfix.rest
        self._last: dict[str, list[SignIn]] = {}
        """By host, the sign-ins of the last line; what repeats it tells of more."""
        self._seen: OrderedDict[str, int] = OrderedDict()
        """How often the same attempt was told, within the seconds looked at last."""

    def stands_alone(self) -> None:
        """Leave nothing open for other files."""
        self._postfix.close()

    def _at(self, line: LogLine) -> times.Moment:
        return instant(line, self._near)

    def take(self, number: int, raw: str) -> Ends:
        """Return what a line gives."""
        line = peeled(raw.rstrip())
        if line is None:
            raise Unfit("it is no line of a mail log: time, host, program")
        line = line if line.host else line._replace(host="-")
        if not line.program:
            return self._last_again(line)
        times = 1
        if line.text.startswith("message repeated ") and (m := _REPEATED.fullmatch(line.text)):
            times, line = _checked(int(m[1])), line._replace(text=m[2].rstrip())
        service = service_of(line.program)
        if service and len(raw) > MAX_LINE:
            raise Unfit("the line is longer than 16 KiB, which no mail program writes")
        is_plain = service and not line.text.startswith("warning: ")
        found = [] if is_plain else self._sign_ins(number, line, service)
        if found or self._last:
            self._last = {line.host: found} if found and times == 1 else {}
        if found:
            self._dated(line)
            return [self._apart(each) for each in found for _ in range(times)]
        if not service:
            return self._of_no_service(line)
        return self._told(number, raw, line, service) if times == 1 else []

    def _sign_ins(self, number: int, line: LogLine, service: str) -> list[SignIn]:
        """Return the sign-ins that one line tells by itself."""
        if service:
            return self._failure(number, line) if service in ("smtpd", "any") else []
        login = dovecot.login_in(line.program, line.text[:MAX_LINE])
        return self._dovecot(number, line, login) if login is not None else []

    def _told(self, number: int, raw: str, line: LogLine, service: str) -> list[Fact | Rejected]:
        ends = self._postfix.take(number, raw, line, service)
        if ends is not None and "sasl_username=" in line.text:
            self._dated(line)
        if ends is None:
            if service in ("smtpd", "any") and postfix_lines.looks_like_sign_in(line.text):
                self._tally[_LOOK_ALIKE] += 1
            return []
        return ends

    def _of_no_service(self, line: LogLine) -> Ends:
        if "sasl_" in line.text and postfix_lines.NAMES_SIGN_IN.match(line.text):
            self._tally[_LOOK_ALIKE] += 1
        return []

    def _dated(self, line: LogLine) -> None:
        if not self._is_said and not has_year(line):
            self._tally[self._no_year] += 1

    def _failure(self, number: int, line: LogLine) -> list[SignIn]:
        match = postfix_lines.FAILED.fullmatch(line.text)
        if not match:
            return []
        _, ip, mechanism, why = match.groups()
        account = postfix_lines.account_at_end(why)
        apart = (line.host.lower(), line.process)
        at = self._at(line)
        return [logged_sign_in(number, at, "failure", account, mechanism, ip, apart=apart)]

    def _dovecot(self, number: int, line: LogLine, login: str) -> list[SignIn]:
        told = dovecot.told_of(login)
        if told is None:
            if not dovecot.is_no_try(login):
                self._tally[_LOOK_ALIKE] += 1
            return []
        if told.attempts > 1:
            self._tally[_MANY_ATTEMPTS] += 1
        apart = (told.session,) if told.session else (line.host.lower(), line.process)
        return [
            logged_sign_in(
                number, self._at(line), told.result, told.account, told.mechanism,
                told.client_ip, apart=apart,
            )
        ]  # fmt: skip

    def _last_again(self, line: LogLine) -> Ends:
        """Return the sign-ins of a host's last line once more, as often as it was repeated."""
        match = _LAST_REPEATED.fullmatch(line.text)
        last, self._last = self._last.get(line.host, []), {}
        times = _checked(int(match[1])) if match and last else 0
        return [self._apart(each) for each in last for _ in range(times)]

    def _apart(self, told: SignIn) -> SignIn:
        """Return a sign-in with what tells it from equal ones of the same second."""
        nth = self._seen.pop(told.row_key, 0) + 1
        if len(self._seen) >= _MAX_KEYS:
            self._seen.popitem(last=False)
        self._seen[told.row_key] = nth
        return told if nth == 1 else told._replace(row_key=f"{told.row_key}:{nth}")


def _checked(times: int) -> int:
    if times > MAX_REPEATED:
        raise Unfit("it says that a message was repeated more than 10,000 times")
    return times


class _Reading:
    """The lines of a log in their order; the first ones show which way they run."""

    def __init__(self, context: Context) -> None:
        self._log = _Log(context)
        self._context = context
        self._held: list[tuple[int, str]] = []
        self._size = 0
        self._is_decided, self._is_backwards = context.is_joined, False

    def take(self, number: int, cells: Cells) -> Ends:
        header = self._context.layout.header
        if header and not isinstance(cells, Mapping):
            cells = dict(zip(header, cells, strict=False))
        if not isinstance(cells, Mapping):
            if self._is_decided and not self._is_backwards:
                return self._log.take(number, cells[0])
            return self._hold(number, (cells[0],))
        found = log_json.lines_in(cells)
        if not found:
            raise Unfit("it is no line of a mail log: time, host, program")
        if len(found) > 1:
            # Its lines have one number, so what another file tells could not be told apart.
            self._log.stands_alone()
        if self._is_decided and not self._is_backwards:
            return list(self._each((number, text) for text in found))
        return self._hold(number, found)

    def _hold(self, number: int, found: list[str] | tuple[str, ...]) -> Ends:
        self._held += [(number, text) for text in found]
        self._size += sum(map(len, found))
        if self._is_backwards and self._size > MAX_BACKWARDS:
            raise FileRefused(
                "{file} is a mail log with its newest line first, and too large to be turned "
                "round here. Turn it round (`tac`, or journalctl without -r), and load that file.",
                file=self._context.path,
            )
        return self._decide() if not self._is_decided and len(self._held) >= _LOOKED_AT else []

    def _decide(self) -> Ends:
        self._is_decided = True
        self._is_backwards = self._runs_backwards()
        if self._is_backwards:
            return []
        held, self._held = self._held, []
        return list(self._each(held))

    def _runs_backwards(self) -> bool:
        lines = [line for _, raw in self._held if (line := peeled(raw.rstrip()))]
        times = []
        for line in lines:
            try:
                times.append(instant(line, self._log._near).at)
            except Unfit:
                continue
        steps = [a < b for a, b in pairwise(times) if a and b and a != b]
        return steps.count(False) > steps.count(True)

    def _each(self, held: Iterator[tuple[int, str]] | list[tuple[int, str]]) -> Ends:
        ends: list[Fact | Rejected] = []
        for number, raw in held:
            try:
                ends += self._log.take(number, raw)
            except Unfit as unfit:
                ends.append(rejected(number, unfit.sentence, raw))
        return ends

    def rest(self) -> Ends:
        ends = [] if self._is_decided else list(self._decide())
        if self._is_backwards:
            self._context.tally[_BACKWARDS] += len(self._held)
            ends += self._each(list(reversed(self._held)))
            self._held = []
        return [*ends, *self._log.rest()]


def _converter(context: Context) -> Converter:
    reading = _Reading(context)
    context.at_end.append(reading.rest)
    return reading.take


def _looks_like(raw: str) -> bool:
    """Tell whether a line is one that only a mail log has."""
    line = peeled(raw.rstrip())
    if line is None:
        return False
    is_login = line.program == "dovecot" or dovecot.login_in(line.program, line.text) is not None
    return is_login or bool(line.process and service_of(line.program))


FORMAT = ExportFormat(
    name="mail-log",
    title=Sentence("Postfix and Dovecot mail log"),
    source="server_log",
    fields=(Field("line", ("line",), required=True),),
    converter=_converter,
    cannot_tell=phrases("the place of a client", "Postfix sign-ins that sent nothing"),
    line=_looks_like,
    lines_in_json=log_json.lines_in,
    open_header=("line",),
    open_rank=rank_in_second,
    is_total=lambda _: lambda cells: type(cells) is tuple and is_preamble(cells[0]),
)
