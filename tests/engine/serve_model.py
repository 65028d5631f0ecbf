"""Serve a GGUF by llama.cpp's own HTTP server, until standard input ends.

python serve_model.py model.gguf --alias tiny
"""

import argparse
import json
import sys
from pathlib import Path

import xllamacpp


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--alias", default="tiny")
    parser.add_argument("--context", type=int, default=2048)
    options = parser.parse_args()
    params = xllamacpp.CommonParams()
    params.model.path = str(options.path)
    params.model_alias = {options.alias}
    params.n_ctx = options.context
    params.n_parallel = 1  # the context is divided by it
    params.n_gpu_layers = 0
    params.cpuparams.n_threads = 1  # the other processor is the collector's
    params.verbosity = -1
    server = xllamacpp.Server(params)
    sys.stdout.write(json.dumps({"base_url": server.listening_address}) + "\n")
    sys.stdout.flush()
    while sys.stdin.buffer.read(4096):
        pass


if __name__ == "__main__":
    main()
