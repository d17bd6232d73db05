// A grpc-js client of the interoperability cases: node client.js PORT CASE. Ends with 0 when the case holds.
'use strict';

const assert = require('node:assert');
const { grpc, testing, initialKey, trailingKey, zeros } = require('./contract');

const address = `127.0.0.1:${process.argv[2]}`;
const insecure = grpc.credentials.createInsecure();
const client = new testing.TestService(address, insecure);

function unary(on, method, request, metadata, options) {
  return new Promise((resolve, reject) => {
    const seen = {};
    const call = on[method](request, metadata || new grpc.Metadata(), options || {}, (error, response) => {
      seen.response = response;
      seen.error = error;
    });
    call.on('metadata', (headers) => (seen.headers = headers));
    call.on('status', (status) => {
      seen.status = status;
      setImmediate(() => (seen.error ? reject(seen.error) : resolve(seen)));
    });
  });
}

async function fails(promise, code, details) {
  const error = await promise.then(
    () => assert.fail('the call did not fail'),
    (e) => e,
  );
  assert.strictEqual(error.code, code, error.message);
  if (details !== undefined) {
    assert.strictEqual(error.details, details);
  }
}

// Collects what a stream gives; each message is offered to onMessage.
function stream(call, onMessage) {
  return new Promise((resolve, reject) => {
    const seen = { messages: [] };
    call.on('metadata', (headers) => (seen.headers = headers));
    call.on('data', (message) => {
      seen.messages.push(message);
      if (onMessage) {
        onMessage(message, seen.messages.length);
      }
    });
    call.on('status', (status) => {
      seen.status = status;
      setImmediate(() => (status.code === 0 ? resolve(seen) : reject(Object.assign(new Error(status.details), status))));
    });
    call.on('error', () => {});
  });
}

const sizesOf = (seen) => seen.messages.map((m) => m.payload.body.length);
const large = (more) => ({ response_size: 314159, payload: { body: zeros(271828) }, ...more });
const echo = () => {
  const metadata = new grpc.Metadata();
  metadata.set(initialKey, 'test_initial_metadata_value');
  metadata.set(trailingKey, Buffer.from([0xab, 0xab, 0xab]));
  return metadata;
};
const checkEcho = (seen) => {
  assert.deepStrictEqual(seen.headers.get(initialKey), ['test_initial_metadata_value']);
  assert.deepStrictEqual(seen.status.metadata.get(trailingKey), [Buffer.from([0xab, 0xab, 0xab])]);
};
const special = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const cases = {
  async empty_unary() {
    assert.deepStrictEqual((await unary(client, 'EmptyCall', {})).response, {});
  },
  async large_unary() {
    assert.strictEqual((await unary(client, 'UnaryCall', large())).response.payload.body.length, 314159);
  },
  async client_streaming() {
    await new Promise((resolve, reject) => {
      const call = client.StreamingInputCall((error, response) => {
        try {
          assert.ifError(error);
          assert.strictEqual(response.aggregated_payload_size, 74922);
          resolve();
        } catch (e) {
          reject(e);
        }
      });
      for (const size of [27182, 8, 1828, 45904]) {
        call.write({ payload: { body: zeros(size) } });
      }
      call.end();
    });
  },
  async server_streaming() {
    const sizes = [31415, 9, 2653, 58979];
    const seen = await stream(client.StreamingOutputCall({ response_parameters: sizes.map((size) => ({ size })) }));
    assert.deepStrictEqual(sizesOf(seen), sizes);
  },
  async ping_pong() {
    const sizes = [31415, 9, 2653, 58979];
    const payloads = [27182, 8, 1828, 45904];
    const call = client.FullDuplexCall();
    const send = (i) => call.write({ response_parameters: [{ size: sizes[i] }], payload: { body: zeros(payloads[i]) } });
    send(0);
    const seen = await stream(call, (message, count) => (count < 4 ? send(count) : call.end()));
    assert.deepStrictEqual(sizesOf(seen), sizes);
  },
  async empty_stream() {
    const call = client.FullDuplexCall();
    call.end();
    assert.deepStrictEqual((await stream(call)).messages, []);
  },
  async client_compressed_unary() {
    const gzip = new testing.TestService(address, insecure, { 'grpc.default_compression_algorithm': 2 });
    await fails(unary(client, 'UnaryCall', large({ expect_compressed: { value: true } })), grpc.status.INVALID_ARGUMENT);
    const compressed = await unary(gzip, 'UnaryCall', large({ expect_compressed: { value: true } }));
    assert.strictEqual(compressed.response.payload.body.length, 314159);
    const plain = await unary(client, 'UnaryCall', large({ expect_compressed: { value: false } }));
    assert.strictEqual(plain.response.payload.body.length, 314159);
    gzip.close();
  },
  async server_compressed_unary() {
    // What grpc-js hands out does not say whether it came compressed: the test looks at the server's bytes.
    for (const value of [true, false]) {
      const seen = await unary(client, 'UnaryCall', large({ response_compressed: { value } }));
      assert.strictEqual(seen.response.payload.body.length, 314159);
    }
  },
  async custom_metadata() {
    checkEcho(await unary(client, 'UnaryCall', large(), echo()));
    const call = client.FullDuplexCall(echo());
    call.write({ response_parameters: [{ size: 314159 }], payload: { body: zeros(271828) } });
    call.end();
    const seen = await stream(call);
    assert.deepStrictEqual(sizesOf(seen), [314159]);
    checkEcho(seen);
  },
  async status_code_and_message() {
    const response_status = { code: 2, message: 'test status message' };
    await fails(unary(client, 'UnaryCall', { response_status }), 2, 'test status message');
    const call = client.FullDuplexCall();
    call.write({ response_status });
    call.end();
    await fails(stream(call), 2, 'test status message');
  },
  async special_status_message() {
    await fails(unary(client, 'UnaryCall', { response_status: { code: 2, message: special } }), 2, special);
  },
  async unimplemented_method() {
    await fails(unary(client, 'UnimplementedCall', {}), grpc.status.UNIMPLEMENTED);
  },
  async unimplemented_service() {
    const other = new testing.UnimplementedService(address, insecure);
    await fails(unary(other, 'UnimplementedCall', {}), grpc.status.UNIMPLEMENTED);
    other.close();
  },
  async cancel_after_begin() {
    await new Promise((resolve, reject) => {
      const call = client.StreamingInputCall((error) => {
        try {
          assert.strictEqual(error && error.code, grpc.status.CANCELLED);
          resolve();
        } catch (e) {
          reject(e);
        }
      });
      call.cancel();
    });
  },
  async cancel_after_first_response() {
    const call = client.FullDuplexCall();
    call.write({ response_parameters: [{ size: 31415 }], payload: { body: zeros(27182) } });
    await fails(
      stream(call, () => call.cancel()),
      grpc.status.CANCELLED,
    );
  },
  async timeout_on_sleeping_server() {
    const call = client.FullDuplexCall({ deadline: Date.now() + 1 });
    call.write({ response_parameters: [{ size: 31415, interval_us: 5000000 }], payload: { body: zeros(27182) } });
    await fails(stream(call), grpc.status.DEADLINE_EXCEEDED);
  },
};

cases[process.argv[3]]().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
