"""Limits of one instance: what people, programs and files may cost.

Each field is the setting ``FORMSVC_…`` of the same name in capitals, documented in
docs/handbook-operations.md, section 限额.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple


def _limit(default: int, highest: int, least: int = 1) -> Any:
    return field(default=default, metadata={"highest": highest, "least": least})


@dataclass(frozen=True)
class Limits:
    # Connections; the defaults of a header and a body are those of Apache's mod_reqtimeout
    header_seconds: int = _limit(20, 600)
    body_seconds: int = _limit(20, 600)
    body_bytes_per_second: int = _limit(500, 1_000_000)
    header_kilobytes: int = _limit(64, 1024)
    # of all requests that are being received, in temporary files
    pending_megabytes: int = _limit(512, 65_536)
    # a large table of hazards sends thousands of fields
    form_fields: int = _limit(20_000, 1_000_000)
    # of the fields of one page together, attachments aside
    form_megabytes: int = _limit(4, 100)
    api_megabytes: int = _limit(2, 100)
    # of the JSON that a program sends; Python's own reader ends at about 1,000
    json_depth: int = _limit(40, 200)
    connections: int = _limit(1000, 10_000)
    connections_per_address: int = _limit(100, 10_000)
    # A session ends so long after its last request; of people who approve or administer sooner (ASVS 3.3.2)
    idle_minutes: int = _limit(120, 720)
    idle_minutes_of_approvers: int = _limit(30, 720)
    # what a person searched for, kept on the server until the session ends; each request reads it
    kept_searches: int = _limit(50, 1000)
    # of new passwords (ASVS 2.1.1); NIST SP 800-63B asks for eight
    password_characters: int = _limit(12, 64, least=8)
    # Requests that wait for the next number of one series, in all processes together
    series_waiters: int = _limit(6, 1000)
    series_wait_seconds: int = _limit(20, 600)
    # refused sign-ins within a day at which administrators are alerted
    refused_sign_ins_alert: int = _limit(100, 1_000_000)
    # requests of one person within an hour at which administrators are alerted: refused (403, 404), files
    # downloaded, documents issued
    refused_requests_alert: int = _limit(60, 1_000_000)
    downloads_alert: int = _limit(300, 1_000_000)
    issued_alert: int = _limit(200, 1_000_000)
    # Each person
    saves_per_minute: int = _limit(240, 100_000)
    previews_per_minute: int = _limit(60, 10_000)
    uploads_per_minute: int = _limit(120, 10_000)
    attachment_megabytes: int = _limit(20, 500)
    attachment_megapixels: int = _limit(120, 1000)
    # reading one uploaded picture, in a child process; its longer side as a photograph that is kept
    picture_seconds: int = _limit(20, 600)
    picture_memory_megabytes: int = _limit(1200, 16_000)
    photograph_pixels: int = _limit(2000, 8000, least=800)
    upload_megabytes_per_hour: int = _limit(1000, 1_000_000)
    # Values; a definition may set less
    text_characters: int = _limit(500, 10_000)
    long_text_characters: int = _limit(20_000, 200_000)
    table_rows: int = _limit(200, 2000)
    # rows within all rows of a table
    inner_rows: int = _limit(1000, 10_000)
    # rows of a register that a field lists as options
    option_rows: int = _limit(500, 5000)
    field_files: int = _limit(60, 1000)
    # One step of office work
    reserved_numbers: int = _limit(100, 1000)
    entered_numbers: int = _limit(2000, 20_000)
    # beyond the last number of a series; what is farther away is a typing mistake
    number_leap: int = _limit(1000, 100_000)
    struck_steps: int = _limit(200, 1000)
    erased_acts: int = _limit(100, 1000)
    reason_characters: int = _limit(500, 5000)
    # Files from elsewhere; FORMSVC_SCAN_COMMAND scans those that people upload
    scan_seconds: int = _limit(60, 600)
    workbook_megabytes: int = _limit(5, 100)
    workbook_unpacked_megabytes: int = _limit(50, 1000)
    workbook_parts: int = _limit(1000, 100_000)
    workbook_cells: int = _limit(200_000, 10_000_000)
    workbook_seconds: int = _limit(20, 600)
    # memory of the child that reads it
    workbook_memory_megabytes: int = _limit(700, 16_000)
    # a workbook of rows for a register of the office
    register_rows: int = _limit(20_000, 200_000)
    register_cells: int = _limit(1_000_000, 20_000_000)
    register_seconds: int = _limit(60, 600)
    backup_manifest_megabytes: int = _limit(64, 4096)
    # one document or attachment in a backup; it is read whole
    backup_file_megabytes: int = _limit(512, 8192)
    import_megabytes: int = _limit(1024, 65_536)
    # memory and time of the child that reads a backup or an exported file; the time grows with the file: a disk
    # that syncs slowly takes an hour for a gigabyte of small files
    restore_megabytes: int = _limit(2000, 65_536)
    restore_seconds: int = _limit(300, 86_400)
    restore_seconds_per_gigabyte: int = _limit(3600, 86_400)
    # Definitions; one of 500 fields has some 200 KB
    definition_megabytes: int = _limit(4, 100)
    definition_fields: int = _limit(1000, 10_000)
    # of all expressions of one form together, once evaluated: some seconds at most
    expression_steps: int = _limit(5_000_000, 1_000_000_000)
    expression_characters: int = _limit(1000, 20_000)
    # the interpreter calls itself for each level
    expression_depth: int = _limit(100, 150)
    expression_nesting: int = _limit(16, 24)
    # computations row by row within each other
    expression_macros: int = _limit(2, 4)
    # of what a computation may hold at once: values and tens of characters, some 50 million characters
    expression_values: int = _limit(5_000_000, 100_000_000)
    pattern_characters: int = _limit(200, 2000)
    # of a period that is counted: ten years
    period_days: int = _limit(3700, 36_600)
    # documents made from one, and their rows together, that an expression may read
    made_documents: int = _limit(200, 2000)
    made_rows: int = _limit(400, 10_000)
    # deadlines, follow-ups and effects of each event in one definition
    life_rules: int = _limit(100, 1000)
    # the longest text and list that a computation may make on its way; no field holds more
    expression_text_characters: int = _limit(200_000, 10_000_000)
    expression_list_entries: int = _limit(50_000, 1_000_000)
    # Word files, as they are and unpacked
    word_megabytes: int = _limit(64, 1024)
    word_unpacked_megabytes: int = _limit(96, 4096)
    word_parts: int = _limit(1000, 100_000)
    word_part_megabytes: int = _limit(32, 1024)
    # how many times larger than packed a part of over 1 MB may be
    word_compression: int = _limit(400, 10_000)
    word_columns: int = _limit(200, 256)
    # turns of the loops of one template; a table of 200 rows, each of which looks through the others, takes 40,000
    template_turns: int = _limit(200_000, 100_000_000)
    # what a filled part may hold is what is opened again to make the PDF
    template_characters: int = _limit(16_000_000, 1_000_000_000)
    # the longest answers of 200 rows together
    template_value_characters: int = _limit(1_000_000, 100_000_000)
    # rows of an empty table to be filled in by hand
    template_range: int = _limit(500, 100_000)
    word_picture_megapixels: int = _limit(40, 1000)
    # text set closer so that a signature does not stand alone (GB/T 9704, 7.3.5.5): points of a line, and by how
    # many hundredths of their size letters may come closer
    closest_line_points: int = _limit(26, 40, least=20)
    closer_letters_percent: int = _limit(4, 10, least=0)
    # Checking one definition and its template, in a child process
    check_seconds: int = _limit(20, 600)
    check_megabytes: int = _limit(700, 16_000)
    # Writing checked definitions to the store, in another child process
    publish_seconds: int = _limit(60, 600)
    publish_megabytes: int = _limit(700, 16_000)
    # `formsvc pdf`
    pdf_seconds: int = _limit(120, 3600)


# Set once when a process starts. Evaluation and filling are pure functions called from everywhere: passing their
# limits through would put the parameter into some forty signatures.
_process_limits = Limits()


def process_limits() -> Limits:
    """Return the limits of this process; the defaults until they are set."""
    return _process_limits


def set_process_limits(limits: Limits) -> None:
    global _process_limits  # noqa: PLW0603 - see above
    _process_limits = limits


def limit_names() -> tuple[str, ...]:
    """Return the names of the settings, without FORMSVC_."""
    return tuple(each.name.upper() for each in fields(Limits))


class LimitRange(NamedTuple):
    """Default of a limit, and the values that are accepted."""

    default: int
    highest: int
    least: int


def limit_ranges() -> dict[str, LimitRange]:
    """Return the range of each limit."""
    return {
        each.name: LimitRange(int(str(each.default)), each.metadata["highest"], each.metadata["least"])
        for each in fields(Limits)
    }
