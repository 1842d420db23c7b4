import { isPage } from "./routes";

/**
 * The service worker: it keeps the files of its build, so that the pages open without the facade.
 * It never answers for the API: what is on the screen is then what the page itself kept.
 */
declare const self: ServiceWorkerGlobalScope;
/** Filled in by the build: its name, and the files that belong to it. */
declare const BUILD: { name: string; files: string[] };

const PREFIX = "clientela-";
const CACHE = PREFIX + BUILD.name;
const CACHES_KEPT = 2; // a page of the build before may still ask for its own files
const ANSWER_MS = 4_000; // a facade in the same building; beyond it the machine is off

self.addEventListener("install", (event) => event.waitUntil(keepBuild()));
self.addEventListener("activate", (event) => event.waitUntil(dropOldBuilds()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && isPage(pathname)) event.respondWith(page(request));
  else if (pathname.startsWith("/assets/")) event.respondWith(file(request));
});

async function keepBuild(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = new Request("/", { cache: "no-cache" });
  await cache.addAll(BUILD.files.map((path) => (path === "/" ? page : path)));
  await self.skipWaiting();
}

async function dropOldBuilds(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  await Promise.all(builds.slice(0, -CACHES_KEPT).map((name) => caches.delete(name)));
}

/** The facade's page, which names the files of its own build; this build's when nobody answers. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    const kept = await caches.match("/", { cacheName: CACHE, ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

/** Names of files change with their content, so any build's copy is the right one. */
async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
