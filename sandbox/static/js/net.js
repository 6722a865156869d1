// The sandbox's JSON interface.

async function call(path, options) {
  const response = await fetch(path, options);
  if (!response.ok) throw Object.assign(new Error(response.statusText), { status: response.status });
  return response.status === 204 ? null : response.json();
}

export const get = (path) => call(path);
export const remove = (path) => call(path, { method: "DELETE" });

export const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return call("/api/media", { method: "POST", body: form });
}
