// The ink component: draws the lines of a frame, and turns key strokes into wishes. It keeps no state of its own.
import { Box, Text, useInput } from 'ink';
import type { Key } from './keys.ts';
import type { Line, Segment, Tone } from './line.ts';

const COLORS: Record<Exclude<Tone, 'dim'>, string> = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  accent: 'cyan',
};

export interface AppProps {
  lines: readonly Line[];
  hasColor: boolean;
  onKey(input: string, key: Key): void;
}

export function App({ lines, hasColor, onKey }: AppProps) {
  useInput(onKey);
  return <Screen lines={lines} hasColor={hasColor} />;
}

export function Screen({ lines, hasColor }: Pick<AppProps, 'lines' | 'hasColor'>) {
  return (
    <Box flexDirection="column">
      {lines.map((line, row) => (
        <Box key={row} height={1} flexShrink={0}>
          <Text wrap="truncate">
            {line.map((segment, index) => (
              <Text key={index} {...lookOf(segment, hasColor)}>
                {segment.text}
              </Text>
            ))}
            {line.length === 0 ? ' ' : ''}
          </Text>
        </Box>
      ))}
    </Box>
  );
}

/** Without colours nothing is styled: signs and words say everything. */
function lookOf({ tone, isBold, isInverse }: Segment, hasColor: boolean) {
  if (!hasColor) return {};
  return {
    ...(isBold && { bold: true }),
    ...(isInverse && { inverse: true }),
    ...(tone === 'dim' ? { dimColor: true } : tone ? { color: COLORS[tone] } : {}),
  };
}
