"""A stand-in for TensorFlow Serving, whose server the tests cannot count on.

It does with a request what the server's `predict_util.cc` and `json_tensor.cc` do: the SavedModel
is a graph in a session, and a request is run by the names that the signature has for its tensors.
So it shows that a request suits the SavedModel, and nothing about the server itself.
"""

import concurrent.futures
import contextlib
import http.server
import json
import os
import threading

import grpc
import numpy as np
import tensorflow as tf

PREDICT = "tensorflow/serving/predict"


class ServedGraph:
    """A SavedModel as a server has it: a graph, a session and the signatures."""

    def __init__(self, folder):
        self.session = tf.compat.v1.Session(graph=tf.Graph())
        with self.session.graph.as_default():
            loaded = tf.compat.v1.saved_model.load(self.session, ["serve"], os.fspath(folder))
        self.signatures = loaded.signature_def

    def run(self, name, inputs):
        """Run the signature of this name, or the default one, on arrays by name."""
        signature = self.signatures[name or "serving_default"]
        assert signature.method_name == PREDICT
        assert set(inputs) == set(signature.inputs), f"{set(inputs)} instead of the signature's"
        feeds = {}
        for key, value in inputs.items():
            wanted = signature.inputs[key]
            assert value.dtype == tf.as_dtype(wanted.dtype), f"{value.dtype} for {key}"
            assert tf.TensorShape(wanted.tensor_shape).is_compatible_with(value.shape)
            feeds[wanted.name] = value
        fetches = {key: info.name for key, info in signature.outputs.items()}
        return self.session.run(fetches, feeds)


@contextlib.contextmanager
def grpc_server(folder):
    """Serve a SavedModel by gRPC as long as this lasts, and give the port."""
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    graph = ServedGraph(folder)

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):  # noqa: N802, the name of the service's method
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            answer = predict_pb2.PredictResponse()
            for key, value in graph.run(request.model_spec.signature_name, inputs).items():
                answer.outputs[key].CopyFrom(tf.make_tensor_proto(value))
            return answer

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@contextlib.contextmanager
def rest_server(folder, name):
    """Serve a SavedModel by REST under a name as long as this lasts, and give the port."""
    graph = ServedGraph(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.path == f"/v1/models/{name}:predict"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            rows = np.array(body["instances"])
            assert rows.dtype.kind == "i", "for uint8 the server takes integers alone"
            outputs = graph.run(body.get("signature_name"), {"images": rows.astype("uint8")})
            assert {len(value) for value in outputs.values()} == {len(rows)}
            predictions = [
                {key: value[row].tolist() for key, value in outputs.items()}
                for row in range(len(rows))
            ]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"predictions": predictions}).encode())

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
