"""Phones, identity numbers and bank cards that a pattern cannot see: written digit by digit, in any groups, or known
by a check sum only. Looks at one text; for the few texts that still hold eleven digits close together.
"""

import re
from collections.abc import Iterator

GAP = r"[\s\-－—–_.·・•]{0,3}"
RUN = re.compile(rf"[0-9](?:{GAP}[0-9]){{10,}}(?:{GAP}[Xx](?![A-Za-z]))?")
MANY_DIGITS = rf"[0-9](?:{GAP}[0-9]){{10}}"  # for a first look at many texts at once
GROUP = re.compile(r"[0-9]+[Xx]?|[Xx]")
OTHER_NUMBER = re.compile(r"(?:单|编|流水|合同|案|批|运|户|表|票|序列|凭证|发票|追溯|备案)(?:号|码)[^0-9]{0,4}$")

MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
MOBILE = re.compile(r"(?:(?:00)?86)?1[3-9][0-9]{9}")
MOBILES = re.compile(r"(?:1[3-9][0-9]{9}){2,4}")
LANDLINE = re.compile(r"0[1-9][0-9]{1,2}[2-9][0-9]{6,7}")
BORN = rf"(?:18|19|20)[0-9]{{2}}{MONTH_DAY}[0-9]{{3}}[0-9Xx]|[0-9]{{2}}{MONTH_DAY}[0-9]{{3}}"
IDENTITY = re.compile(rf"[1-9][0-9]{{5}}(?:{BORN})")  # of 18 characters, or of 15 as before 1999
CARD = re.compile(r"[34569][0-9]{14,18}")
LONGEST = 44  # digits: four mobiles


def without_numbers(text: str) -> str:
    """The text with each such number replaced by what it was, such as 〔电话〕."""
    return RUN.sub(lambda run: _told(run[0], text[: run.start()]), text)


def _told(run: str, before: str) -> str:
    """One run of digit groups: the longest groups together that are a number of a person are replaced."""
    groups = list(GROUP.finditer(run))
    told, end, place = "", 0, 0
    while place < len(groups):
        if found := next(_numbers(groups, place, before + run[: groups[place].start()]), None):
            last, word = found
            told += run[end : groups[place].start()] + word
            end, place = groups[last].end(), last + 1
        else:
            place += 1
    return told + run[end:]


def _numbers(groups: list[re.Match[str]], first: int, before: str) -> Iterator[tuple[int, str]]:
    """Groups from the first one on that are a number together, most groups first: the last of them, and what it is."""
    size, ends = 0, []
    for place in range(first, len(groups)):
        size += len(groups[place][0])
        if size > LONGEST:
            break
        ends.append(place)
    for last in reversed(ends):
        if word := _kind("".join(group[0] for group in groups[first : last + 1]), before):
            yield last, word


def _kind(digits: str, before: str) -> str | None:
    if MOBILE.fullmatch(digits) or MOBILES.fullmatch(digits) or LANDLINE.fullmatch(digits):
        return "〔电话〕"
    if IDENTITY.fullmatch(digits) and not (len(digits) == 15 and OTHER_NUMBER.search(before)):
        return "〔身份证〕"
    if CARD.fullmatch(digits) and _has_check_digit(digits) and not OTHER_NUMBER.search(before):
        return "〔银行卡〕"
    return None


def _has_check_digit(digits: str) -> bool:
    """Luhn's sum, as on every bank card."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0
