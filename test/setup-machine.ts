// Installs what the tests need beyond npm. On Debian and its like by apt; elsewhere it says what to install.
import { execFileSync, spawnSync } from 'node:child_process';

const NEEDED = [
  {
    what: 'Chromium, for the pages',
    binaries: ['chromium', 'chromium-browser', 'google-chrome'],
    debian: 'chromium',
  },
  {
    what: 'Redis, for the tests of several processes',
    binaries: ['redis-server'],
    debian: 'redis-server',
  },
];

const found = (binary: string): boolean => spawnSync('sh', ['-c', `command -v ${binary}`]).status === 0;
const missing = NEEDED.filter(({ binaries }) => !binaries.some(found));

if (missing.length === 0) {
  process.stdout.write('Nothing is missing for the tests.\n');
} else if (process.platform === 'linux' && found('apt-get')) {
  const packages = missing.map(({ debian }) => debian);
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const run = (...words: string[]): void => {
    const [command = '', ...rest] = [...sudo, ...words];
    execFileSync(command, rest, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
} else {
  const list = missing
    .map(({ what, binaries }) => `  ${what}: one of ${binaries.join(', ')} on the PATH`)
    .join('\n');
  process.stderr.write(`The tests need:\n${list}\n`);
  process.exitCode = 1;
}
