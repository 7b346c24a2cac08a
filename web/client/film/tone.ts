/** A soft tone for who has shut eyes. */
const HERTZ = 660, SECONDS = 0.35, LOUD = 0.12;

/** Sounds once, where the browser lets it. */
export function tone(): void {
  try {
    const context = new AudioContext();
    const gain = context.createGain();
    gain.gain.setValueAtTime(LOUD, context.currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + SECONDS);
    const oscillator = context.createOscillator();
    oscillator.frequency.value = HERTZ;
    oscillator.connect(gain).connect(context.destination);
    oscillator.onended = () => void context.close();
    oscillator.start();
    oscillator.stop(context.currentTime + SECONDS);
  } catch {
    // It is heard where it can be; the dialog says the same.
  }
}
