"""Which models are loaded, and which prompts they have in their caches."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from collector.demo.pacing import Timer
from collector.demo.script import ScriptedModel

MAX_CONTEXT_LENGTH = 8192
"""Tokens; the default of a load, too."""


@dataclass(frozen=True)
class Instance:
    """A model in memory.

    Attributes:
        instance_id: The server's name for it: the model's key, the next with ``:2``.
        model: What was loaded.
        context_length: Tokens it was loaded for.
    """

    instance_id: str
    model: ScriptedModel
    context_length: int


class Library:
    """The server's models and what is loaded of them; safe to use from threads."""

    def __init__(self, models: Sequence[ScriptedModel], timer: Timer) -> None:
        self.models = tuple(models)
        self._timer = timer
        self._instances: tuple[Instance, ...] = ()
        self._cached: set[tuple[str, str]] = set()  # instance and prompt
        self._lock = threading.Lock()

    def loaded(self, model: ScriptedModel) -> tuple[Instance, ...]:
        """Return the loaded instances of a model, oldest first."""
        return tuple(each for each in self._instances if each.model is model)

    def find(self, key: str) -> ScriptedModel | None:
        """Return the model of a key; None: there is none."""
        return next((model for model in self.models if model.key == key), None)

    def load(
        self, model: ScriptedModel, context_length: int = MAX_CONTEXT_LENGTH
    ) -> tuple[Instance, float]:
        """Load a model, once more if it is loaded, as LM Studio does.

        Returns:
            The new instance, and the seconds it took.
        """
        with self._lock:
            return self._load(model, context_length)

    def unload(self, instance_id: str) -> bool:
        """Drop an instance; False: there is none of that name."""
        with self._lock:
            kept = tuple(
                each for each in self._instances if each.instance_id != instance_id
            )
            was_loaded = len(kept) < len(self._instances)
            self._instances = kept
        return was_loaded

    def acquire(self, name: str) -> Instance | None:
        """Return the instance of that name, loading the model of that key if need be.

        None: neither exists.
        """
        with self._lock:
            for instance in self._instances:
                if name in (instance.instance_id, instance.model.key):
                    return instance
            model = self.find(name)
            return None if model is None else self._load(model, MAX_CONTEXT_LENGTH)[0]

    def cache_prompt(self, instance: Instance, prompt: str) -> bool:
        """Put a prompt into an instance's cache; False: it was there already.

        The cache is as old as the load.
        """
        with self._lock:
            entry = (instance.instance_id, prompt)
            is_new = entry not in self._cached
            self._cached.add(entry)
        return is_new

    def _load(
        self, model: ScriptedModel, context_length: int
    ) -> tuple[Instance, float]:
        started_s = self._timer.clock()
        self._timer.wait_until(started_s + model.load_s)
        taken = {each.instance_id for each in self._instances}
        instance_id, number = model.key, 1
        while instance_id in taken:
            number += 1
            instance_id = f"{model.key}:{number}"
        self._cached = {entry for entry in self._cached if entry[0] != instance_id}
        instance = Instance(instance_id, model, context_length)
        self._instances = (*self._instances, instance)
        return instance, self._timer.clock() - started_s
