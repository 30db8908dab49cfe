// A list read page by page: the first page is read again when something is newer, further ones are added below.
import { useState } from 'react';
import { get } from './api.ts';
import { useLoad } from './load.ts';

interface Page<T> {
  readonly rows: readonly T[];
  readonly next?: string | number;
}

export function usePages<T extends { readonly id: string }>(path: string, name: string) {
  const first = useLoad<Record<string, unknown>>(path);
  const [further, setFurther] = useState<{ path: string; pages: readonly Page<T>[] }>({ path, pages: [] });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const pages = further.path === path ? further.pages : [];
  const read = (data: Record<string, unknown>): Page<T> => ({
    rows: data[name] as readonly T[],
    ...(data.next === undefined ? {} : { next: data.next as string | number }),
  });
  const all = first.data ? [read(first.data), ...pages] : [];
  const last = all.at(-1);
  const more = () => {
    if (last?.next === undefined || busy) return;
    setBusy(true);
    setError(undefined);
    const before = `${path.includes('?') ? '&' : '?'}before=${encodeURIComponent(last.next)}`;
    get<Record<string, unknown>>(path + before)
      .then((data) => setFurther({ path, pages: [...pages, read(data)] }), setError)
      .finally(() => setBusy(false));
  };
  const rows = [...new Map(all.flatMap((page) => page.rows).map((row) => [row.id, row])).values()];
  return {
    rows: first.data ? rows : undefined,
    error: first.error ?? error,
    reload: first.reload,
    more: last?.next === undefined ? undefined : more,
    busy,
  };
}
