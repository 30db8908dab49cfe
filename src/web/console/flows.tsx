// The flows in use, and what is wrong with the newest edit of each: where, and what to do about it.
import { Alert, Badge, Code, Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { FlowStatus } from '../deps.ts';
import { type Heard, useHints } from './hear.ts';
import { FlowsIcon } from './icons.tsx';
import { useLanguage } from './language.tsx';
import { useLoad } from './load.ts';
import { Empty, Failure, Waiting } from './states.tsx';

export function Flows({ hint }: { hint: Heard }) {
  const { t } = useLanguage();
  const { data, error, reload } = useLoad<{ flows: readonly FlowStatus[] }>('/console/api/flows');
  useHints(hint, ({ kind }) => kind === 'flows', reload);
  return (
    <Stack gap="md">
      <h1 className="unseen">{t('nav.flows')}</h1>
      {error !== undefined && <Failure error={error} retry={reload} />}
      {data === undefined && error === undefined && <Waiting />}
      {data?.flows.length === 0 && <Empty icon={<FlowsIcon />}>{t('flows.none')}</Empty>}
      {data?.flows
        .toSorted((a, b) => worst(a) - worst(b))
        .map((flow) => (
          <Flow key={flow.name} flow={flow} />
        ))}
    </Stack>
  );
}

/** What waits to be mended stands first. */
function worst({ faults }: FlowStatus): number {
  if (faults.some(({ severity }) => severity === 'error')) return 0;
  return faults.length > 0 ? 1 : 2;
}

function Flow({ flow }: { flow: FlowStatus }) {
  const { t } = useLanguage();
  const errors = flow.faults.filter((fault) => fault.severity === 'error').length;
  const warnings = flow.faults.length - errors;
  return (
    <Paper withBorder p="md" radius="lg">
      <Group justify="space-between" gap="xs">
        <div>
          <Title order={2} size="h4">
            {flow.title ?? flow.name}
          </Title>
          <Text size="sm" c="dimmed">
            {flow.title === undefined ? '' : `${flow.name} · `}
            {t('flows.nodes', { count: flow.nodes })}
            {flow.hash !== undefined && (
              <>
                {' · '}
                {t('flows.version')} <Code>{flow.hash.slice(0, 10)}</Code>
              </>
            )}
          </Text>
        </div>
        <Group gap={6}>
          {errors > 0 && (
            <Badge color="red" tt="none">
              {t('flows.errors', { count: errors })}
            </Badge>
          )}
          {warnings > 0 && (
            <Badge color="yellow" variant="light" tt="none">
              {t('flows.warnings', { count: warnings })}
            </Badge>
          )}
          {flow.faults.length === 0 && (
            <Badge color="teal" variant="light" tt="none">
              {t('flows.fine')}
            </Badge>
          )}
        </Group>
      </Group>
      {flow.hash === undefined && (
        <Text size="sm" mt="xs">
          {t('flows.noVersion')}
        </Text>
      )}
      {errors > 0 && flow.hash !== undefined && (
        <Text size="sm" mt="xs">
          {t('flows.serving')}
        </Text>
      )}
      <Stack gap="xs" mt={flow.faults.length > 0 ? 'sm' : 0}>
        {flow.faults.map((fault) => (
          <Alert
            key={`${fault.file}:${fault.line}:${fault.column}:${fault.code}:${fault.at}`}
            color={fault.severity === 'error' ? 'red' : 'yellow'}
            variant="light"
            p="sm"
          >
            <Text size="sm" fw={600}>
              {fault.message}
            </Text>
            <Text size="sm" c="dimmed">
              <Code>{fault.file}</Code> {t('flows.where', { line: fault.line, column: fault.column })}
              {fault.at === '' ? '' : ` · ${fault.at}`}
            </Text>
            <Text size="sm" mt={4}>
              {t('flows.remedy', { text: fault.remedy })}
            </Text>
          </Alert>
        ))}
      </Stack>
    </Paper>
  );
}
