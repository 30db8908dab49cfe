// Where in the console we are: the address is the truth, links change it without loading the page anew.
import { type MouseEvent, useSyncExternalStore } from 'react';

export const SECTIONS = ['tickets', 'responses', 'flows', 'status'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Route {
  readonly section: Section;
  readonly ticket?: string;
}

export function routeOf(path: string): Route {
  const [, , section, id] = path.split('/');
  const known = SECTIONS.find((it) => it === section) ?? 'tickets';
  return known === 'tickets' && id ? { section: known, ticket: decodeURIComponent(id) } : { section: known };
}

export function pathOf(route: Route): string {
  return `/console/${route.section}${route.ticket === undefined ? '' : `/${encodeURIComponent(route.ticket)}`}`;
}

export function go(route: Route): void {
  history.pushState(null, '', pathOf(route));
  window.dispatchEvent(new PopStateEvent('popstate'));
}

/** What a link to a place in the console needs. */
export function linkTo(route: Route) {
  return {
    href: pathOf(route),
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(route);
    },
  };
}

export function useRoute(): Route {
  const path = useSyncExternalStore(
    (changed) => {
      window.addEventListener('popstate', changed);
      return () => window.removeEventListener('popstate', changed);
    },
    () => location.pathname,
  );
  return routeOf(path);
}
