const API =
  /^\/(client|session|authz|tokens|sync|facades|logs|docs|openapi\.json|metrics|livez|readyz|assets)(\/|$)/;

/** Whether an address is one of the pages', all of which begin with the same document. */
export function isPage(path: string): boolean {
  return !API.test(path);
}
