// A ticket's messages as a talk: who said what, how far each of ours got, notes in a colour of their own.
import { Badge, Button, Text } from '@mantine/core';
import type { LineView } from '../console-views.ts';
import { Files } from './files.tsx';
import { momentOf } from './format.ts';
import { useLanguage } from './language.tsx';
import { useNow } from './now.ts';
import { Whole } from './whole.tsx';

/** Something this page sent that the ticket does not show yet. */
export interface Pending {
  readonly key: string;
  readonly mode: 'reply' | 'note';
  readonly text: string;
  readonly files: readonly string[];
  /** Messages the ticket held when it was sent. */
  readonly known: ReadonlySet<string>;
}

/** Has the ticket come to show it? */
export function shows(line: LineView, pending: Pending): boolean {
  if (line.origin !== undefined && (line.origin === pending.key || line.origin.endsWith(`:${pending.key}`))) {
    return true;
  }
  return (
    line.origin === undefined &&
    line.author.kind === 'operator' &&
    !pending.known.has(line.id) &&
    line.text === pending.text
  );
}

export function Lines(props: {
  readonly lines: readonly LineView[];
  readonly pending: readonly Pending[];
  readonly customer: string;
  readonly resending: ReadonlySet<string>;
  readonly resend: (message: string) => void;
}) {
  const { t } = useLanguage();
  return (
    <ol className="lines" aria-live="polite">
      {props.lines.map((line) => (
        <Line
          key={line.id}
          line={line}
          customer={props.customer}
          resending={props.resending.has(line.id)}
          resend={() => props.resend(line.id)}
        />
      ))}
      {props.pending.map((it) => (
        <li key={it.key} className={it.mode === 'note' ? 'line note' : 'line ours'}>
          <div className="lineBox pending">
            <div className="lineText" dir="auto">
              <Whole text={it.text} />
            </div>
            {it.files.map((name) => (
              <Text key={name} size="sm" dir="auto">
                {name}
              </Text>
            ))}
            <Text size="xs" c="dimmed">
              {t('state.accepted')}
            </Text>
          </div>
        </li>
      ))}
    </ol>
  );
}

const STATE_COLOUR = { pending: 'gray', sent: 'teal', failed: 'red', unknown: 'orange' } as const;

function Line(props: { line: LineView; customer: string; resending: boolean; resend: () => void }) {
  const { line } = props;
  const { t, locale } = useLanguage();
  const now = useNow();
  const { author } = line;
  const who =
    author.kind === 'customer'
      ? (author.name ?? props.customer)
      : author.kind === 'bot'
        ? t('author.bot')
        : author.name;
  const side = line.note ? 'line note' : author.kind === 'customer' ? 'line theirs' : 'line ours';
  return (
    <li className={side}>
      <div className="lineBox">
        <Text component="div" size="sm" fw={650} dir="auto" className="lineWho">
          {who || t('author.customer')}
          {line.note && (
            <Badge size="sm" color="yellow" variant="filled" tt="none" autoContrast>
              {t('state.note')}
            </Badge>
          )}
        </Text>
        <Files files={line.files} />
        {line.text !== '' && (
          <div className="lineText" dir="auto">
            <Whole text={line.text} />
          </div>
        )}
        {line.before.map((earlier) => (
          <Text key={earlier.at} size="xs" c="dimmed" dir="auto">
            {t('state.before', { text: earlier.text })}
          </Text>
        ))}
        <Text component="div" size="xs" c="dimmed" className="lineFoot">
          {line.before.length > 0 && `${t('state.edited')} · `}
          <time dateTime={new Date(line.at).toISOString()}>{momentOf(line.at, locale, now)}</time>
          {line.state !== undefined && (
            <Badge size="sm" variant="light" color={STATE_COLOUR[line.state]} tt="none">
              {t(`state.${line.state}`)}
            </Badge>
          )}
        </Text>
        {(line.state === 'failed' || line.state === 'unknown') && (
          <div className="mend">
            {line.reason !== undefined && (
              <Text size="sm" c="red">
                {line.reason}
              </Text>
            )}
            <Button
              size="compact-sm"
              variant="light"
              color="red"
              loading={props.resending}
              onClick={props.resend}
            >
              {t(line.state === 'failed' ? 'state.resend' : 'state.resendUnknown')}
            </Button>
          </div>
        )}
      </div>
    </li>
  );
}
