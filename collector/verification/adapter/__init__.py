"""How to call code that nobody has seen before, and what a call of it showed."""

from collector.verification.adapter.jobs import can_take
from collector.verification.adapter.observe import observe
from collector.verification.adapter.plans import CallPlan as Plan
from collector.verification.adapter.plans import plans
from collector.verification.adapter.search import Search, find_plan

__all__ = ["Plan", "Search", "can_take", "find_plan", "observe", "plans"]
