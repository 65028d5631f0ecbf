"""Lists of models, loading and unloading, in the bodies of LM Studio's three APIs."""

from collector.demo.library import MAX_CONTEXT_LENGTH, Instance, Library
from collector.demo.script import ScriptedModel
from collector.demo.wire import JsonObject, RefusalError, Reply

_QUANTIZATION = "scripted"


def openai_models(library: Library) -> JsonObject:
    """Body of ``GET /v1/models``: every model, loaded or not."""
    return {
        "object": "list",
        "data": [
            {"id": model.key, "object": "model", "owned_by": "organization_owner"}
            for model in library.models
        ],
    }


def v0_models(library: Library) -> JsonObject:
    """Body of ``GET /api/v0/models``; the loaded context only where one is loaded."""
    return {
        "object": "list",
        "data": [_v0_model(library, model) for model in library.models],
    }


def _v0_model(library: Library, model: ScriptedModel) -> JsonObject:
    entry: JsonObject = {
        "id": model.key,
        "object": "model",
        "type": "llm",
        "publisher": "demo",
        "arch": _QUANTIZATION,
        "compatibility_type": _QUANTIZATION,
        "quantization": _QUANTIZATION,
        "state": "not-loaded",
        "max_context_length": MAX_CONTEXT_LENGTH,
        "capabilities": [],
    }
    for instance in library.loaded(model)[:1]:
        entry["state"] = "loaded"
        entry["loaded_context_length"] = instance.context_length
    return entry


def v1_models(library: Library) -> JsonObject:
    """Body of ``GET /api/v1/models``, with each model's loaded instances."""
    return {"models": [_v1_model(library, model) for model in library.models]}


def _v1_model(library: Library, model: ScriptedModel) -> JsonObject:
    return {
        "type": "llm",
        "publisher": "demo",
        "key": model.key,
        "display_name": model.name,
        "architecture": None,
        "quantization": {"name": _QUANTIZATION, "bits_per_weight": None},
        # The script is all there is of the model.
        "size_bytes": len((model.thinking + model.answer).encode()),
        "params_string": None,
        "loaded_instances": [
            {"id": instance.instance_id, "config": _config(instance)}
            for instance in library.loaded(model)
        ],
        "max_context_length": MAX_CONTEXT_LENGTH,
        "format": None,
        "capabilities": {"vision": False, "trained_for_tool_use": False},
        "description": "A script of the demo, not a language model.",
    }


def _config(instance: Instance) -> JsonObject:
    return {"context_length": instance.context_length, "parallel": 1}


def v0_fields(reply: Reply, instance: Instance) -> JsonObject:
    """Return what ``POST /api/v0/chat/completions`` adds to a reply in one piece."""
    script = reply.script
    generation_s = max(len(script.pieces) - 1, 0) / reply.tok_s
    return {
        "stats": {
            "tokens_per_second": reply.tok_s,
            "time_to_first_token": reply.ttft_s,
            "generation_time": round(generation_s, 3),
            "stop_reason": "maxPredictedTokensReached" if script.is_cut else "eosFound",
        },
        "model_info": {
            "arch": _QUANTIZATION,
            "quant": _QUANTIZATION,
            "format": _QUANTIZATION,
            "context_length": instance.context_length,
        },
        "runtime": {"name": "demo-script", "version": "1", "supported_formats": []},
    }


def load(library: Library, body: JsonObject) -> JsonObject:
    """Answer ``POST /api/v1/models/load``.

    Raises:
        RefusalError: There is no such model, or the context length is no length.
    """
    key = body.get("model")
    model = library.find(key) if isinstance(key, str) else None
    if model is None:
        raise _not_found(f'Model "{key}" not found.')
    context_length = body.get("context_length", MAX_CONTEXT_LENGTH)
    if (
        not isinstance(context_length, int)
        or isinstance(context_length, bool)
        or not 0 < context_length <= MAX_CONTEXT_LENGTH
    ):
        message = f"context_length must be from 1 to {MAX_CONTEXT_LENGTH}"
        error = {"type": "invalid_request", "message": message}
        raise RefusalError(400, {"error": {**error, "param": "context_length"}})
    instance, load_s = library.load(model, context_length)
    reply: JsonObject = {
        "type": "llm",
        "instance_id": instance.instance_id,
        "load_time_seconds": round(load_s, 3),
        "status": "loaded",
    }
    if body.get("echo_load_config") is True:
        reply["load_config"] = _config(instance)
    return reply


def unload(library: Library, body: JsonObject) -> JsonObject:
    """Answer ``POST /api/v1/models/unload``.

    Raises:
        RefusalError: No such instance is loaded.
    """
    instance_id = body.get("instance_id")
    if not isinstance(instance_id, str) or not library.unload(instance_id):
        raise _not_found(f'No loaded instance "{instance_id}".')
    return {"instance_id": instance_id}


def _not_found(message: str) -> RefusalError:
    error = {"type": "model_not_found", "message": message}
    return RefusalError(404, {"error": error})
