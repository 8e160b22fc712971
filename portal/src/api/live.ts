// SPDX-License-Identifier: Apache-2.0
// Server-sent events of one workspace, shared by all that listen; the connection exists while somebody does.
import { useEffect, useRef, useState } from "react";
import type { LiveEvent } from "./types";

type Listener = { types: string[]; hear: (event: LiveEvent) => void; state: (connected: boolean) => void };

class Stream {
  private source?: EventSource;
  private listeners = new Set<Listener>();
  connected = false;

  constructor(private readonly workspace: string) {}

  add(listener: Listener): () => void {
    this.listeners.add(listener);
    listener.state(this.connected);
    this.source ??= this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  // Browsers allow few connections to one server over HTTP/1.1: a tab that nobody sees gives its own back, and reads
  // everything again when it is seen.
  visible(shown: boolean): void {
    if (this.listeners.size === 0) return;
    if (!shown) return this.close();
    if (this.source) return;
    this.source = this.open();
    for (const listener of this.listeners) listener.hear({ type: "health", time: new Date().toISOString() });
  }

  private close(): void {
    this.source?.close();
    this.source = undefined;
    this.tell(false);
  }

  private open(): EventSource {
    const source = new EventSource(`/api/workspaces/${encodeURIComponent(this.workspace)}/events`);
    source.onopen = () => this.tell(true);
    source.onerror = () => this.tell(false);
    for (const type of ["incident", "alert", "job", "health"])
      source.addEventListener(type, (event) => this.hear(type, (event as MessageEvent<string>).data));
    return source;
  }

  private tell(connected: boolean): void {
    this.connected = connected;
    for (const listener of this.listeners) listener.state(connected);
  }

  private hear(type: string, data: string): void {
    const event = JSON.parse(data) as LiveEvent;
    for (const listener of this.listeners) if (listener.types.includes(type)) listener.hear(event);
  }
}

const streams = new Map<string, Stream>();
document.addEventListener("visibilitychange", () => {
  for (const stream of streams.values()) stream.visible(!document.hidden);
});

// Calls `hear` for events of the given types, at most every `quietMs`; answers whether the connection stands.
export function useLive(workspace: string, types: string[], hear: (event: LiveEvent) => void, quietMs = 400): boolean {
  const [connected, setConnected] = useState(false);
  const latest = useRef(hear);
  latest.current = hear;
  const key = types.join(",");
  useEffect(() => {
    const stream = streams.get(workspace) ?? new Stream(workspace);
    streams.set(workspace, stream);
    let timer: number | undefined;
    const remove = stream.add({
      types: key.split(","),
      state: setConnected,
      hear: (event) => {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => latest.current(event), quietMs);
      },
    });
    return () => {
      window.clearTimeout(timer);
      remove();
    };
  }, [workspace, key, quietMs]);
  return connected;
}
