// What customers answered, newest first.
import { Badge, Button, Stack, Text } from '@mantine/core';
import type { ResponseRow } from '../console-views.ts';
import { type Group, groupOf, momentOf } from './format.ts';
import { type Heard, useHints } from './hear.ts';
import { ResponsesIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import { useNow } from './now.ts';
import { usePages } from './pages.ts';
import { Empty, Failure, Waiting } from './states.tsx';
import { Whole } from './whole.tsx';

const HIGHEST = { nps: 10, csat: 5, ces: 7, faces: 3, thumbs: 1 } as const;
const FACES = ['', '😞', '😐', '🙂'];
const THUMBS = ['👎', '👍'];

export function Responses({ hint }: { hint: Heard }) {
  const { t, locale } = useLanguage();
  const { rows, error, reload, more, busy } = usePages<ResponseRow>(
    `/console/api/responses?locale=${locale}`,
    'responses',
  );
  useHints(hint, ({ kind }) => kind === 'response', reload);
  return (
    <Stack gap="md">
      <h1 className="unseen">{t('nav.responses')}</h1>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {rows === undefined && error === undefined && <Waiting />}
      {rows?.length === 0 && <Empty icon={<ResponsesIcon />}>{t('responses.none')}</Empty>}
      {rows !== undefined && rows.length > 0 && (
        <ul className="rows">
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
      )}
      {more && (
        <Button variant="default" onClick={more} loading={busy} className="more">
          {t('more')}
        </Button>
      )}
    </Stack>
  );
}

function Row({ row }: { row: ResponseRow }) {
  const { t, locale, channelName } = useLanguage();
  const now = useNow();
  const group: Group | undefined = groupOf(row);
  return (
    <li className="response">
      <span
        className={`score ${group ?? 'none'}`}
        title={group ? t(`group.${group}`) : t('responses.noScore')}
      >
        {shownScore(row)}
        {group && <span className="unseen">{t(`group.${group}`)}</span>}
      </span>
      <div className="responseBody">
        {row.comment !== undefined && (
          <Text dir="auto" className="said">
            <Whole text={row.comment} />
          </Text>
        )}
        <div className="tags">
          {row.reasons.map((reason) => (
            <Badge key={reason} variant="default" tt="none" fw={500}>
              {reason}
            </Badge>
          ))}
          {row.state === 'partial' && (
            <Badge variant="light" color="yellow" tt="none">
              {t('responses.partial')}
            </Badge>
          )}
          {row.contactAllowed !== undefined && (
            <Badge variant="light" color={row.contactAllowed ? 'teal' : 'gray'} tt="none">
              {t(row.contactAllowed ? 'responses.contactYes' : 'responses.contactNo')}
            </Badge>
          )}
        </div>
        <Text size="sm" c="dimmed">
          {[
            t(`metric.${row.metric}`),
            // A flow without a title, named as what it measures, would say it twice.
            ...((row.title ?? row.flow) === row.metric ? [] : [row.title ?? row.flow]),
            channelName(row.channel),
            momentOf(row.at, locale, now),
          ].join(' · ')}
        </Text>
      </div>
    </li>
  );
}

function shownScore({ metric, score }: ResponseRow) {
  if (score === undefined) return '–';
  if (metric === 'faces') return FACES[score] ?? score;
  if (metric === 'thumbs') return THUMBS[score] ?? score;
  return (
    <>
      {score}
      <small>/{HIGHEST[metric]}</small>
    </>
  );
}
