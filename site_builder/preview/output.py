"""The previewed site written to a folder too, for who wants to look at the files."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from site_builder.errors import OutputError
from site_builder.preview.result import Result, faults_of
from site_builder.write import write_site


def written(build: Callable[[], Result], output: Path) -> Callable[[], Result]:
    """Return a build that also writes what it built to a folder.

    A folder that cannot be written is a problem to show beside the site.
    """
    last: Mapping[str, bytes] = {}

    def build_and_write() -> Result:
        nonlocal last
        result = build()
        if result.files is None:
            return result
        if result.files == last and output.is_dir():
            return result
        try:
            write_site(result.files, output)
        except OutputError as error:
            problems = (*result.problems, *faults_of(str(error)))
            return replace(result, problems=problems)
        last = result.files
        return result

    return build_and_write
