// SPDX-License-Identifier: Apache-2.0
// The one place that talks to the server. Calls are typed by the OpenAPI file: an unknown route, parameter or member does not
// compile. Every failure arrives as ApiFailure.
import type { paths } from "./schema";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Success = 200 | 201 | 202 | 204;
type JsonOf<R> = R extends { content: { "application/json": infer T } } ? T : undefined;

type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? NonNullable<paths[P][M]> : never;
type Parameters<O, K extends string> = O extends { parameters: infer A } ? (K extends keyof A ? A[K] : undefined) : undefined;
type Body<O> = O extends { requestBody: { content: { "application/json": infer T } } } ? T : undefined;
export type Answer<O> = O extends { responses: infer R } ? JsonOf<R[keyof R & Success]> : never;

type Defined<K extends string, T> = [T] extends [undefined] ? unknown : undefined extends T ? { [k in K]?: T } : { [k in K]: T };
export type CallOptions<O> = Defined<"path", Parameters<O, "path">> &
  Defined<"query", Parameters<O, "query">> &
  Defined<"body", Body<O>> & { ifMatch?: string; signal?: AbortSignal };

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly kind: string,
    message: string,
    readonly requestId = "",
    readonly line?: number,
    readonly column?: number,
  ) {
    super(message);
  }
}

type SignedOutListener = () => void;
let signedOut: SignedOutListener | undefined;
export function onSignedOut(listener: SignedOutListener): void {
  signedOut = listener;
}

function urlOf(path: string, pathValues: Record<string, unknown> = {}, query: Record<string, unknown> = {}): string {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(String(pathValues[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    search.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text);
    return new ApiFailure(response.status, error.code, error.kind, error.message, error.requestId, error.line, error.column);
  } catch {
    return new ApiFailure(response.status, `HTTP-${response.status}`, "unavailable", text.slice(0, 300) || response.statusText);
  }
}

export async function call<P extends keyof paths & string, M extends Method & keyof paths[P]>(
  method: M,
  path: P,
  options: CallOptions<Operation<P, M>>,
): Promise<Answer<Operation<P, M>>> {
  const given = options as { path?: object; query?: object; body?: unknown; ifMatch?: string; signal?: AbortSignal };
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "get") headers["X-Garrison-Request"] = "1";
  if (given.body !== undefined) headers["Content-Type"] = "application/json";
  if (given.ifMatch) headers["If-Match"] = given.ifMatch;
  let response: Response;
  try {
    response = await fetch(urlOf(path, given.path as Record<string, unknown>, given.query as Record<string, unknown>), {
      method: method.toUpperCase(),
      headers,
      body: given.body === undefined ? undefined : JSON.stringify(given.body),
      signal: given.signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (given.signal?.aborted) throw error;
    throw new ApiFailure(0, "NET-0001", "unavailable", "");
  }
  if (!response.ok) {
    const failure = await failureOf(response);
    if (failure.status === 401 && path !== "/api/session") signedOut?.();
    throw failure;
  }
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Answer<Operation<P, M>>;
}
