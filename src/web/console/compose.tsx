// Where an operator writes. A reply and a note are two texts in two differently coloured fields with two buttons:
// switching never carries words from one to the other, so that no note goes out by mistake.
import { ActionIcon, Button, Group, Kbd, SegmentedControl, Text, Textarea } from '@mantine/core';
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { FileView } from '../../channels/web/wire.ts';
import { act, newKey, upload } from './api.ts';
import { AttachIcon, LockIcon, SendIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import type { Pending } from './lines.tsx';
import { Failure } from './states.tsx';

export type Mode = 'reply' | 'note';

interface Draft {
  readonly text: string;
  readonly files: readonly { readonly sealed: string; readonly name: string }[];
  /** The same for each try of the same words. */
  readonly key: string;
}

const keptAs = (ticket: string, mode: Mode) => `otklik.console.draft.${mode}.${ticket}`;

function fresh(ticket: string, mode: Mode): Draft {
  return { text: localStorage.getItem(keptAs(ticket, mode)) ?? '', files: [], key: newKey() };
}

export function Compose(props: {
  readonly ticket: string;
  readonly mode: Mode;
  readonly setMode: (mode: Mode) => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Absent: this operator may answer. */
  readonly hindrance: string | undefined;
  readonly claim: () => void;
  readonly claimLabel: string;
  readonly claiming: boolean;
  readonly sent: (pending: Omit<Pending, 'known'>) => void;
}) {
  const { ticket, mode } = props;
  const { t } = useLanguage();
  const [drafts, setDrafts] = useState(() => ({
    reply: fresh(ticket, 'reply'),
    note: fresh(ticket, 'note'),
  }));
  const [busy, setBusy] = useState(false);
  const [uploading, setUploading] = useState(0);
  const [error, setError] = useState<unknown>();
  const picker = useRef<HTMLInputElement>(null);
  const wrong = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error !== undefined) wrong.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  const draft = drafts[mode];
  const change = (of: Mode, to: Partial<Draft>) =>
    setDrafts((before) => ({ ...before, [of]: { ...before[of], ...to } }));
  const empty = draft.text.trim() === '' && draft.files.length === 0;
  const barred = mode === 'reply' && props.hindrance !== undefined;

  const send = async () => {
    if (empty || busy || barred || uploading > 0) return;
    setBusy(true);
    setError(undefined);
    const text = draft.text.trim();
    try {
      const files = draft.files.map((file) => file.sealed);
      await act(ticket, mode, { key: draft.key, text, files });
      props.sent({ key: draft.key, mode, text, files: draft.files.map((file) => file.name) });
      localStorage.removeItem(keptAs(ticket, mode));
      change(mode, { text: '', files: [], key: newKey() });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
      props.field.current?.focus();
    }
  };

  const add = async (files: Iterable<File>) => {
    setError(undefined);
    for (const file of files) {
      setUploading((before) => before + 1);
      try {
        const kept = await upload<{ sealed: string; file: FileView }>('/console/api/files', file);
        setDrafts((before) => ({
          ...before,
          [mode]: {
            ...before[mode],
            files: [...before[mode].files, { sealed: kept.sealed, name: file.name }],
          },
        }));
      } catch (failure) {
        setError(failure);
      } finally {
        setUploading((before) => before - 1);
      }
    }
  };

  const keys = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void send();
  };

  return (
    <section className={`compose ${mode}`} aria-label={t(`compose.${mode}`)}>
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          aria-label={t('compose.mode')}
          value={mode}
          onChange={(value) => props.setMode(value as Mode)}
          disabled={busy || uploading > 0}
          color={mode === 'reply' ? 'blue' : 'yellow'}
          autoContrast
          transitionDuration={0}
          data={[
            { value: 'reply', label: t('compose.reply') },
            { value: 'note', label: t('compose.note') },
          ]}
        />
        <Text size="sm" fw={600} className="audience">
          {mode === 'note' && <LockIcon />}
          {t(`compose.${mode}To`)}
        </Text>
      </Group>
      {error !== undefined && (
        <div className="seen" ref={wrong}>
          <Failure error={error} />
        </div>
      )}
      {barred && (
        <div className="hindrance">
          <Text>{props.hindrance}</Text>
          <Button onClick={props.claim} loading={props.claiming}>
            {props.claimLabel}
          </Button>
        </div>
      )}
      {/* Words already written stay in sight when somebody else takes the ticket meanwhile. */}
      {(!barred || !empty) && (
        <>
          <Textarea
            ref={props.field}
            aria-label={t(`compose.${mode}`)}
            placeholder={t(`compose.${mode}Placeholder`)}
            value={draft.text}
            maxLength={4000}
            autosize
            minRows={2}
            maxRows={9}
            onKeyDown={keys}
            onChange={(event) => {
              const text = event.currentTarget.value;
              localStorage.setItem(keptAs(ticket, mode), text);
              // Other words are another act.
              change(mode, { text, key: newKey() });
            }}
            onPaste={(event) => {
              if (event.clipboardData.files.length === 0) return;
              event.preventDefault();
              void add(event.clipboardData.files);
            }}
          />
          {(draft.files.length > 0 || uploading > 0) && (
            <div className="tags">
              {draft.files.map((file, n) => (
                <Button
                  key={file.sealed}
                  size="compact-sm"
                  variant="default"
                  rightSection="×"
                  aria-label={t('compose.remove', { name: file.name })}
                  onClick={() => change(mode, { files: draft.files.filter((_, at) => at !== n) })}
                >
                  {file.name}
                </Button>
              ))}
              {uploading > 0 && (
                <Text size="sm" c="dimmed" role="status">
                  {t('compose.uploading')}
                </Text>
              )}
            </div>
          )}
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Group gap="xs" wrap="nowrap">
              <input
                ref={picker}
                type="file"
                multiple
                hidden
                onChange={(event) => {
                  void add([...(event.currentTarget.files ?? [])]);
                  event.currentTarget.value = '';
                }}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={t('compose.attach')}
                title={t('compose.attach')}
                onClick={() => picker.current?.click()}
              >
                <AttachIcon />
              </ActionIcon>
              <Text size="xs" c="dimmed" className="keys">
                {t('compose.keys')}
              </Text>
            </Group>
            <Button
              className="sendButton"
              color={mode === 'reply' ? 'blue' : 'yellow'}
              autoContrast
              leftSection={mode === 'reply' ? <SendIcon /> : <LockIcon />}
              rightSection={
                <Kbd size="xs" className="keys">
                  Ctrl ↵
                </Kbd>
              }
              disabled={empty || barred || uploading > 0}
              loading={busy}
              onClick={() => void send()}
            >
              {t(mode === 'reply' ? 'compose.sendReply' : 'compose.saveNote')}
            </Button>
          </Group>
        </>
      )}
    </section>
  );
}
