// Brings a recording below the limits: what matters least goes first, and it says what went.
import { MOST_ENDPOINTS, MOST_SERIES_NUMBERS } from './limits.ts';
import type { RecordedTraffic, Recording } from './recording.ts';

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
const numbersOf = ({ series, answers, tries }: RecordedTraffic, bins: number): number =>
  (5 + series.flags.length + answers.length + 3 * tries.length) * bins;

/** Callers and services with the fewest requests go. */
export function cutTraffic(recording: Recording): void {
  const { bins, traffic } = recording;
  const byRequests = [...traffic].sort((a, b) => sum(b.series.requests) - sum(a.series.requests));
  let room = MOST_SERIES_NUMBERS;
  const kept = new Set<RecordedTraffic>();
  for (const entry of byRequests) {
    room -= numbersOf(entry, bins);
    if (room < 0) break;
    kept.add(entry);
  }
  if (kept.size === traffic.length) return;
  recording.traffic = traffic.filter((entry) => kept.has(entry));
  recording.cut.push(
    `the series of ${traffic.length - kept.size} pairs of caller and service with few requests`,
  );
}

/** First pushes between the first and the last of a cluster go, then whole clusters: those that nobody sent anything to. */
export function cutClusters(recording: Recording): void {
  const size = () =>
    sum(recording.clusters.map(({ versions }) => sum(versions.map(({ endpoints }) => endpoints.length + 1))));
  if (size() <= MOST_ENDPOINTS) return;
  for (const cluster of recording.clusters)
    if (cluster.versions.length > 2) cluster.versions = [cluster.versions[0]!, cluster.versions.at(-1)!];
  recording.cut.push('pushes between the first and the last');
  if (size() <= MOST_ENDPOINTS) return;
  const isUsed = new Set(recording.traffic.map(({ caller, service }) => `${caller} ${service}`));
  const all = recording.clusters.length;
  const inOrder = [...recording.clusters].sort(
    (a, b) => Number(isUsed.has(`${b.caller} ${b.service}`)) - Number(isUsed.has(`${a.caller} ${a.service}`)),
  );
  let room = MOST_ENDPOINTS;
  recording.clusters = inOrder.filter(({ versions }) => {
    room -= sum(versions.map(({ endpoints }) => endpoints.length + 1));
    return room >= 0;
  });
  recording.cut.push(`the endpoints of ${all - recording.clusters.length} clusters`);
}

/** Requests go evenly, until the JSON has its size. */
export function cutRequests(recording: Recording, mostBytes: number): void {
  const requests = JSON.stringify(recording.requests).length;
  const rest = JSON.stringify({ ...recording, requests: [] }).length;
  const room = Math.max(0, mostBytes - rest - 200);
  if (requests <= room) return;
  const keep = Math.floor((recording.requests.length * room) / requests) - 1;
  const all = recording.requests.length;
  recording.requests = recording.requests.filter(
    (_, i) => Math.floor(((i + 1) * keep) / all) > Math.floor((i * keep) / all),
  );
  recording.cut.push(`${all - recording.requests.length} of the sampled requests`);
}
