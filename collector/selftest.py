"""Our own measuring error on this machine, found with the code that measures models."""

from collector.backends.registry import make_backend
from collector.calibration.calibrate import calibrate
from collector.measure import Bench, Clocks, ask, chat_request
from collector.pressure import CpuGauge
from collector.record import Calibration, Trial
from collector.sensors import Sensors

_PROMPT = "Recite."


def measure_once(base_url: str, model_name: str) -> Trial:
    """Measure one stream of a server with OpenAI's routes; nothing is saved."""
    bench = Bench(
        backend=make_backend("openai", base_url), sensors=Sensors(gauge=CpuGauge())
    )
    fields = ask(
        chat_request(model_name, _PROMPT, sampling={}),
        names=frozenset({model_name}),
        bench=bench,
    )
    return Trial.model_validate(
        {
            "run_id": "selftest",
            "model_id": "selftest",
            "task_id": "selftest",
            "number": 1,
            **fields,
        }
    )


def selftest(clocks: Clocks) -> Calibration:
    """Measure known schedules for about three seconds.

    Raises:
        CollectorError: The embedded server did not start, or a stream did not come
            through whole.
    """
    return calibrate(measure_once, now=clocks.now)
