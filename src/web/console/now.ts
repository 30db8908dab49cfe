// The present moment, anew each half minute, so that ages on the page do not stand still.
import { useEffect, useState } from 'react';

const HALF_MINUTE = 30_000;

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), HALF_MINUTE);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
