"""A page a feed for people: what it sends, how it is read, what is refused and why, with the samples."""

from collections.abc import Iterable, Sequence

from schemas.documents.contracts import MEANINGS, file_name, is_adapted
from schemas.feeds import contracts
from schemas.feeds.contract import EPOCH_MS, Feed, Sample
from schemas.feeds.strays import STRAYS
from schemas.vocabulary import CATEGORIES, KINDS, QUARANTINE_REASONS

Rows = Iterable[Sequence[object]]
LONGEST_SAMPLE = 1200  # letters of a payload that a page shows
FENCES = {"json": "json", "xml": "xml", "form": "text", "csv": "text"}
MADE = "<!-- Made by `python -m schemas.publishing` from schemas/feeds; changes belong there. -->\n"


def index_page() -> str:
    """All contracts, and what becomes of messages that none covers."""
    rows = [
        (f"[{feed.code}]({file_name(feed)}.md)", feed.name_zh, feed.name_en, feed.contract_version,
         f"{feed.format}, {feed.encoding}", feed.coordinate_system, feed.owner_unit, feed.expected_a_day)
        for feed in contracts()
    ]  # fmt: skip
    strays = [(stray.topic, stray.sample.name, _reasons(stray.sample)) for stray in STRAYS]
    reasons = [(f"`{code}`", term.zh, term.en) for code, term in QUARANTINE_REASONS.items()]
    return "\n".join([
        MADE, "# Feeds\n",
        _table(("Feed", "来源", "Name", "Version", "Payload", "Points", "Owner", "Messages a day"), rows),
        "A compatible change (a new field, a new word) raises the second number of a version. A change that old "
        "messages cannot follow is a version of its own on a topic of its own, and both are read.\n",
        "## Topics that no contract covers\n", _table(("Topic", "Message", "Reasons"), strays),
        "## All reasons\n", "Every reason that applies to a record is kept with it in `silver.quarantine`.\n",
        _table(("Reason", "中文", "English"), reasons),
    ])  # fmt: skip


def feed_page(feed: Feed) -> str:
    """One contract."""
    return "\n".join([
        MADE, f"# {feed.name_zh} {feed.name_en} ({feed.code}), version {feed.contract_version}\n",
        _table(("", ""), _facts(feed)), *_mapping(feed), *_words(feed), *_rhythm(feed), *_samples(feed),
    ])  # fmt: skip


def _facts(feed: Feed) -> Rows:
    yield "Topic", f"`{feed.topic}`"
    yield "Payload", f"`{feed.content_type}`, records at {f'`{feed.items_path}`' if feed.items_path else 'the root'}"
    yield "Times", _times(feed)
    yield "Points", feed.coordinate_system
    yield "Owner", f"`{feed.owner_unit}`"
    yield "Raw bytes kept", f"{feed.retention_days} days"
    yield "Expected", f"{feed.expected_a_day} messages on an ordinary day"
    admitted = "; ".join(f"`{kind}` {KINDS[kind].zh}" for kind in feed.admits)
    yield "Admitted kinds", f"{admitted}. Other kinds are set aside as `kind_not_admitted`."


def _times(feed: Feed) -> str:
    forms = ["milliseconds since 1970" if form == EPOCH_MS else f"`{form}`" for form in feed.time_formats]
    local = f"; local time of {feed.time_zone} where no zone is written"
    return ", ".join(forms) + ("" if all(form.endswith("z") for form in feed.time_formats) else local)


def _mapping(feed: Feed) -> Iterable[str]:
    yield "## Fields\n"
    if is_adapted(feed):
        yield "Platforms differ: code beside the contract brings their messages to one shape; these are its fields.\n"
    rows = [
        (f"`{name}`", ", then ".join(f"`{path}`" for path in paths), MEANINGS[name])
        for name, paths in feed.mapping.items()
    ]
    yield _table(("Ours", "Theirs", "Meaning"), rows)
    yield (
        "Anything else is let pass and not stored. A field about persons (faces, identities, plates, lists or scores "
        "of persons) that holds something refuses the record: `forbidden_field`.\n"
    )


def _words(feed: Feed) -> Iterable[str]:
    yield "## Words\n"
    if feed.kinds:
        yield _table(
            ("Kind, theirs", "Ours", ""), ((word, f"`{code}`", KINDS[code].zh) for word, code in feed.kinds.items())
        )
    missing = f"counts as `{feed.default_kind}`" if feed.default_kind else "is set aside as `unknown_kind`"
    yield f"A record without a kind {missing}.\n"
    rows = ((word, f"`{code}`", CATEGORIES[code].zh) for word, code in feed.categories.items())
    yield _table(("Category, theirs", "Ours", ""), rows)
    fallback = f"`{feed.default_category}`" if feed.default_category else "left to the classifier"
    yield f"No category: {fallback}. A word that is not listed is kept as it is, and the classifier decides.\n"


def _rhythm(feed: Feed) -> Iterable[str]:
    yield "## Rhythm\n"
    yield f"Messages expected in each hour, {feed.time_zone}, and the mean minutes between two of them.\n"
    hourly = [share * feed.expected_a_day for share in feed.rhythm]
    rows = (
        (f"{hour:02}", f"{expected:.1f}", f"{60 / expected:.1f}" if expected else "")
        for hour, expected in enumerate(hourly)
    )
    yield _table(("Hour", "Messages", "Minutes"), rows)


def _samples(feed: Feed) -> Iterable[str]:
    yield "## Samples\n"
    for sample in feed.samples:
        yield f"### {sample.name}\n"
        yield (f"Set aside: {_reasons(sample)}." if sample.reasons else "Taken in.") + "\n"
        yield f"```{FENCES[feed.format]}\n{_shown(sample.payload, feed)}\n```\n"


def _reasons(sample: Sample) -> str:
    return ", ".join(f"`{reason}` {QUARANTINE_REASONS[reason].zh}" for reason in sample.reasons)


def _shown(payload: bytes, feed: Feed) -> str:
    """The payload as text; bytes that are none as escapes."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = payload.decode(feed.encoding, errors="backslashreplace")
    shown = "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)
    more = f"\n… {len(payload)} bytes in all" if len(shown) > LONGEST_SAMPLE else ""
    return "\n".join(line.rstrip() for line in shown[:LONGEST_SAMPLE].split("\n")) + more


def _escaped(letter: str) -> str:
    return "" if letter == "\r" else letter.encode("unicode_escape").decode()


def _table(header: Sequence[str], rows: Rows) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(_cell(word) for word in line)} |\n" for line in lines)


def _cell(word: object) -> str:
    return str(word).replace("|", "\\|").replace("\n", " ")
