// The operators' console: who is signed in sees the frame with its sections, everybody else the sign-in form.
import '@mantine/core/styles.css';
import './style.css';
import { createTheme, MantineProvider } from '@mantine/core';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { get } from './api.ts';
import { Frame } from './frame.tsx';
import { LanguageProvider } from './language.tsx';
import { Login } from './login.tsx';
import { Failure, Waiting } from './states.tsx';

export interface Session {
  readonly signedIn: boolean;
  readonly operator?: { readonly id: string; readonly name: string };
  readonly locale: string;
}

const theme = createTheme({
  primaryColor: 'orange',
  primaryShade: { light: 9, dark: 6 },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  cursorType: 'pointer',
});

const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';

function Console() {
  const [session, setSession] = useState<Session>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn asks anew.
  useEffect(() => {
    get<Session>('/console/api/session').then((it) => {
      setSession(it);
      setError(undefined);
    }, setError);
  }, [turn]);
  useEffect(() => {
    const out = () => setSession((before) => before && { signedIn: false, locale: before.locale });
    window.addEventListener('otklik:signed-out', out);
    return () => window.removeEventListener('otklik:signed-out', out);
  }, []);
  return (
    <LanguageProvider key={session?.locale ?? ''} fallback={session?.locale ?? navigator.language}>
      {session === undefined ? (
        <div className="centre">
          {error === undefined ? <Waiting /> : <Failure error={error} retry={() => setTurn(turn + 1)} />}
        </div>
      ) : session.signedIn && session.operator ? (
        <Frame
          operator={session.operator}
          signedOut={() => setSession({ signedIn: false, locale: session.locale })}
        />
      ) : (
        <Login signedIn={setSession} />
      )}
    </LanguageProvider>
  );
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <Console />
      </MantineProvider>
    </StrictMode>,
  );
}
