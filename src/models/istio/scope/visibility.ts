// exportTo: which namespaces see an object.
// Source: istio/istio pkg/config/visibility, pilot/pkg/model/push_context.go (1.31). Rule EP-8.

/** @param exportTo as written; empty = the mesh default. "." own namespace, "*" all, "~" nobody, else a namespace. */
export function isExportedTo(
  exportTo: readonly string[] | undefined,
  defaults: readonly string[],
  ownNamespace: string,
  clientNamespace: string,
): boolean {
  const list = exportTo && exportTo.length > 0 ? exportTo : defaults;
  if (list.includes('~')) return false;
  return list.some(
    (entry) =>
      entry === '*' ||
      (entry === '.' && ownNamespace === clientNamespace) ||
      (entry !== '.' && entry === clientNamespace),
  );
}

/** True when only the object's own namespace sees it. */
export function isPrivate(
  exportTo: readonly string[] | undefined,
  defaults: readonly string[],
  ownNamespace: string,
): boolean {
  const list = exportTo && exportTo.length > 0 ? exportTo : defaults;
  return list.length === 1 && (list[0] === '.' || list[0] === ownNamespace);
}

export const isPublic = (exportTo: readonly string[] | undefined, defaults: readonly string[]): boolean =>
  (exportTo && exportTo.length > 0 ? exportTo : defaults).includes('*');
