"""The code out of an answer; a leaf that imports nothing else of ours."""

from collector.extract.answer import Extraction, Note, Status, extract, extract_code

__all__ = ["Extraction", "Note", "Status", "extract", "extract_code"]
