'use client';
import { useEffect, useMemo, useRef } from 'react';

/** Milliseconds that rows rest after the pointer moved over them: long enough to aim and click. */
const AIM_MS = 1_200;

/** Nothing moves under the pointer: a person reads while scrolled down, and for a moment after each move over the rows. */
export function useReading(onReading: (reading: boolean) => void) {
  const state = useRef({ scrolled: false, aiming: false, told: false });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useMemo(() => {
    const set = (change: Partial<typeof state.current>) => {
      Object.assign(state.current, change);
      const reading = state.current.scrolled || state.current.aiming;
      if (reading === state.current.told) return;
      state.current.told = reading;
      onReading(reading);
    };
    const stopAiming = () => {
      clearTimeout(timer.current);
      set({ aiming: false });
    };
    return {
      scrolled: (scrolled: boolean) => set({ scrolled }),
      pointed: () => {
        clearTimeout(timer.current);
        timer.current = setTimeout(stopAiming, AIM_MS);
        set({ aiming: true });
      },
      left: stopAiming,
    };
  }, [onReading]);
}
