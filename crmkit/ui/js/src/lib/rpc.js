// Calls Python methods marked with @remote in crmkit/ui/widget.py.

const SILENCE = 60_000; // a message that is too large dies without an answer

/**
 * `const call = rpc(model); const value = await call("method", {name: value}, [ArrayBuffer])`.
 * Rejects with an Error whose message is Chinese and may be shown as it is. `call.raw` gives
 * {value, buffers}, for methods that answer with binary parts.
 */
export function rpc(model) {
  const waiting = new Map();
  const prefix = Math.random().toString(36).slice(2); // one model may be drawn in several places
  let counter = 0;
  const onMessage = (message, buffers) => {
    const entry = waiting.get(message?.id);
    if (!entry) return;
    waiting.delete(message.id);
    clearTimeout(entry.timer);
    if (message.ok) entry.resolve({ value: message.value, buffers: buffers ?? [] });
    else entry.reject(new Error(message.error));
  };
  model.on("msg:custom", onMessage);

  const raw = (method, params = {}, buffers = []) =>
    new Promise((resolve, reject) => {
      const id = `${prefix}-${++counter}`;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new Error("程序没有应答：请刷新页面；在 JupyterLab 中请重新运行这个单元格。"));
      }, SILENCE);
      waiting.set(id, { resolve, reject, timer });
      model.send({ id, method, params }, undefined, buffers);
    });

  const call = async (method, params, buffers) => (await raw(method, params, buffers)).value;
  call.raw = raw;
  call.close = () => {
    model.off("msg:custom", onMessage);
    for (const entry of waiting.values()) clearTimeout(entry.timer);
    waiting.clear();
  };
  return call;
}
