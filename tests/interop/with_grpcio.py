"""A gRPC client, asked once: calls on the standard input, how each ended on the standard output, both JSON.

The generic calls of grpcio take messages as bytes, so nobody needs the service's description; answers come in hexadecimal.
"""

import json
import sys

import grpc


def call(channel, asked):
    method = channel.unary_unary(asked["method"])
    metadata = [tuple(pair) for pair in asked.get("metadata", [])]
    try:
        answer, rpc = method.with_call(b"", timeout=20, metadata=metadata)
    except grpc.RpcError as rpc:
        return {"code": rpc.code().name, "details": rpc.details(), "metadata": fields_of(rpc)}
    return {"code": rpc.code().name, "answer": answer.hex(), "metadata": fields_of(rpc)}


def fields_of(rpc):
    fields = [*(rpc.initial_metadata() or ()), *(rpc.trailing_metadata() or ())]
    return {key: value for key, value in fields if isinstance(value, str)}


asked = json.load(sys.stdin)
with grpc.insecure_channel(asked["address"]) as channel:
    json.dump([call(channel, each) for each in asked["calls"]], sys.stdout)
