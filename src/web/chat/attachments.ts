// Files about to be sent: chosen, pasted or dropped, uploaded at once with their progress shown, and taken away again.
import type { FileView } from '../../channels/web/wire.ts';
import type { Translate } from '../words.ts';
import { sizeOf } from './bubble.ts';
import { make } from './dom.ts';

const LIMIT = 20 * 1024 * 1024;
export const MOST_FILES = 10;

interface Picked {
  readonly file: File;
  readonly preview: string | undefined;
  progress: number;
  sealed?: string;
  view?: FileView;
  failed?: boolean;
  request?: XMLHttpRequest;
}

export interface Attachments {
  add(files: Iterable<File>): void;
  /** False while one is still on its way or has failed. */
  ready(): boolean;
  count(): number;
  take(): { readonly sealed: readonly string[]; readonly shown: { kind: string; name: string }[] };
  redraw(): void;
}

export function createAttachments(
  list: HTMLElement,
  words: () => { readonly t: Translate; readonly locale: string },
  complain: (text: string) => void,
  changed: () => void,
): Attachments {
  let picked: Picked[] = [];

  const drop = (it: Picked) => {
    it.request?.abort();
    if (it.preview) URL.revokeObjectURL(it.preview);
    picked = picked.filter((other) => other !== it);
  };

  const upload = (it: Picked) => {
    const { t } = words();
    delete it.failed;
    it.progress = 0;
    const form = new FormData();
    form.append('file', it.file, it.file.name);
    const request = new XMLHttpRequest();
    it.request = request;
    request.upload.addEventListener('progress', (event) => {
      it.progress = event.lengthComputable ? event.loaded / event.total : 0;
      showProgress(it);
    });
    request.addEventListener('load', () => {
      if (request.status === 201) {
        const answer = JSON.parse(request.responseText) as { sealed: string; file: FileView };
        it.sealed = answer.sealed;
        it.view = answer.file;
        it.progress = 1;
      } else {
        it.failed = true;
        complain(t(request.status === 413 ? 'problem.too_big' : 'problem.upload', { name: it.file.name }));
      }
      redraw();
    });
    request.addEventListener('error', () => {
      it.failed = true;
      complain(t('problem.upload', { name: it.file.name }));
      redraw();
    });
    request.open('POST', '/chat/files');
    request.send(form);
    redraw();
  };

  const items = new Map<Picked, HTMLElement>();
  function showProgress(it: Picked) {
    items.get(it)?.style.setProperty('--done', `${Math.round(it.progress * 100)}%`);
  }

  function redraw() {
    const { t, locale } = words();
    items.clear();
    list.hidden = picked.length === 0;
    list.setAttribute('aria-label', t('attached'));
    list.replaceChildren(
      ...picked.map((it) => {
        const { name } = it.file;
        const state = it.failed ? 'failed' : it.sealed ? 'done' : 'going';
        const item = make('li', { class: state });
        if (it.preview) item.append(make('img', { src: it.preview, alt: '' }));
        else item.append(make('span', { class: 'sheet', 'aria-hidden': 'true' }));
        const status =
          state === 'failed'
            ? t('file.failed')
            : state === 'going'
              ? t('file.uploading')
              : sizeOf(it.file.size, locale);
        const words = make(
          'span',
          { class: 'words' },
          make('span', { class: 'name', dir: 'auto' }, name),
          make('small', {}, status),
        );
        item.append(words);
        if (it.failed) {
          const again = make('button', {
            type: 'button',
            class: 'again',
            'aria-label': t('file.retry', { name }),
          });
          again.append('↻');
          again.addEventListener('click', () => upload(it));
          item.append(again);
        }
        const remove = make('button', { type: 'button', 'aria-label': t('file.remove', { name }) }, '×');
        remove.addEventListener('click', () => {
          drop(it);
          redraw();
        });
        item.append(remove);
        items.set(it, item);
        return item;
      }),
    );
    for (const it of picked) showProgress(it);
    changed();
  }

  return {
    add(files) {
      const { t } = words();
      for (const file of files) {
        if (picked.length >= MOST_FILES) {
          complain(t('problem.too_many_files', { limit: MOST_FILES }));
          break;
        }
        if (file.size > LIMIT) {
          complain(t('problem.too_big', { name: file.name }));
          continue;
        }
        if (file.size === 0) {
          complain(t('problem.empty_file', { name: file.name }));
          continue;
        }
        const shown = /^image\/(png|jpeg|webp|gif)$/.test(file.type);
        const it: Picked = { file, preview: shown ? URL.createObjectURL(file) : undefined, progress: 0 };
        picked.push(it);
        upload(it);
      }
    },
    ready: () => picked.every((it) => it.sealed !== undefined),
    count: () => picked.length,
    take() {
      const taken = picked;
      for (const it of taken) if (it.preview) URL.revokeObjectURL(it.preview);
      picked = [];
      redraw();
      return {
        sealed: taken.flatMap((it) => (it.sealed === undefined ? [] : [it.sealed])),
        shown: taken.map((it) => ({ kind: it.view?.kind ?? 'document', name: it.file.name })),
      };
    },
    redraw,
  };
}
