"""The site in memory, with what there is to mend, as the preview shows it."""

from site_builder.build import BuildPlan, make
from site_builder.preview.result import Fault, Result, fault_at


def build_in_memory(plan: BuildPlan) -> Result:
    """Build the site without writing it.

    A plan that reports problems gets as much of the site as can be shown with them.

    Raises:
        SiteError: Something a writer can mend, without which there is no site.
    """
    made = make(plan)
    report = made.report
    return Result(
        files=made.files,
        problems=(
            *(fault_at(str(p.file), p.line, p.message) for p in report.to_mend),
            *(Fault(file="", line=None, what=row.warning) for row in report.broken),
            *(fault_at(str(bad.path), None, bad.reason) for bad in made.bad),
        ),
        base_url=made.config.base_url,
        home=made.home,
    )
