// Addresses of the course's notebooks on the server that shows this page.

/** The server's base address; it is not "/" on Binder and JupyterHub. */
function baseUrl() {
  const config = document.getElementById("jupyter-config-data");
  const { baseUrl: base } = config ? JSON.parse(config.textContent) : {};
  return base?.endsWith("/") ? base : `${base ?? ""}/`;
}

/** The folder of the course below the server's root, from the page's own address. */
function courseFolder(here) {
  const path = decodeURIComponent(window.location.pathname);
  const at = /\/(?:voila\/render|tree)\/(.*)$/.exec(path)?.[1] ?? here;
  return at.endsWith(here) ? at.slice(0, -here.length) : "";
}

/**
 * `lab(path)` opens a notebook in JupyterLab, `page(path)` as a Voila page. `here` is the path of
 * the notebook that draws this page, so that a server started above the course folder works too.
 */
export function addresses(here) {
  const [base, folder] = [baseUrl(), courseFolder(here)];
  const encode = (path) => (folder + path).split("/").map(encodeURIComponent).join("/");
  return {
    lab: (path) => `${base}lab/tree/${encode(path)}`,
    page: (path) => `${base}voila/render/${encode(path)}`,
  };
}
