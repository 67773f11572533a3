// localityLbSetting and zoneAwareLbSetting. Source: istio/istio pkg/config/validation/agent/validation.go ValidateLocalityLbSetting (1.31).
import { blockOf, isRecord, listOf, type Spec, textOf, textsOf } from './common.ts';
import type { Path, Report } from './report.ts';

const TOPOLOGY_LABELS = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
];

/** @param hasOutlierDetection for mesh-wide settings true: ejection is configured elsewhere. enabled: false changes nothing about the checks */
export function checkLocalitySetting(
  setting: Spec | undefined,
  hasOutlierDetection: boolean,
  path: Path,
  report: Report,
): void {
  if (!setting) return;
  const distribute = listOf(setting, 'distribute');
  const failover = listOf(setting, 'failover');
  const priority = textsOf(setting, 'failoverPriority');
  if (distribute.length > 0 && failover.length > 0)
    return report.error(
      [...path, 'failover'],
      'distribute and failover exclude each other',
      'keep one of them',
    );
  if (failover.length > 0) {
    for (const [index, label] of priority)
      if (TOPOLOGY_LABELS.includes(label))
        return report.error(
          [...path, 'failoverPriority', index],
          `failover does not go with the topology label ${label} in failoverPriority`,
        );
  }
  const sources: [string, Path][] = [];
  for (const [index, entry] of distribute.entries()) {
    const here = [...path, 'distribute', index];
    sources.push([textOf(entry, 'from'), [...here, 'from']]);
    const to = blockOf(entry, 'to') ?? {};
    let sum = 0;
    for (const [target, weight] of Object.entries(to)) {
      if (typeof weight !== 'number') continue;
      if (weight <= 0 || weight > 100)
        return report.error([...here, 'to', target], `weight ${weight} must be from 1 to 100`);
      sum += weight;
    }
    if (sum !== 100) return report.error([...here, 'to'], `the weights add up to ${sum}, not to 100`);
    checkLocalities(
      Object.keys(to).map((target) => [target, [...here, 'to', target]]),
      true,
      report,
    );
  }
  checkLocalities(sources, false, report);
  warnWithoutDetection(setting, hasOutlierDetection, path, report);
  checkFailover(setting, path, report);
}

/** Region, zone and subzone are balanced by itself: labels of these have no place in its failoverPriority (ZA-1). */
export function checkZoneAwareSetting(
  setting: Spec | undefined,
  hasOutlierDetection: boolean,
  path: Path,
  report: Report,
): void {
  if (!setting) return;
  for (const [index, label] of textsOf(setting, 'failoverPriority'))
    if (TOPOLOGY_LABELS.includes(label.split('=')[0]!))
      report.error(
        [...path, 'failoverPriority', index],
        `${label} is balanced by zone awareness itself and cannot be in failoverPriority`,
      );
  warnWithoutDetection(setting, hasOutlierDetection, path, report);
  checkFailover(setting, path, report);
}

function warnWithoutDetection(setting: Spec, has: boolean, path: Path, report: Report): void {
  for (const field of ['failover', 'failoverPriority'] as const) {
    if (has || listOf(setting, field).length === 0) continue;
    report.warning(
      [...path, field],
      `${field} does nothing without outlierDetection in the same policy`,
      'add outlierDetection beside loadBalancer',
    );
    return;
  }
}

function checkFailover(setting: Spec, path: Path, report: Report): void {
  for (const [index, entry] of listOf(setting, 'failover').entries()) {
    const here = [...path, 'failover', index];
    const from = textOf(entry, 'from');
    const to = textOf(entry, 'to');
    if (!isRecord(entry)) report.error(here, 'must not be empty');
    if (from === to) report.error(here, 'from and to must be two different regions');
    if (from.includes('/') || to.includes('/'))
      report.error(here, 'failover goes from region to region: no "/" here');
    if (from.includes('*') || to.includes('*')) report.error(here, 'failover takes no wildcard');
  }
}

/**
 * None may lie inside another; each may end in one star. @param isUnordered keys of a map: Istio walks these in any order, so that a wide one
 * after a narrow one is refused as well; in a list a wide `from` after a narrow one is fine.
 */
function checkLocalities(localities: readonly [string, Path][], isUnordered: boolean, report: Report): void {
  const seen: string[][] = [];
  for (const [locality, path] of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*')))
      return report.error(path, `"${locality}": only one "*", and only at the end`);
    const parts = splitLocality(locality);
    if (parts.includes(''))
      return report.error(path, `"${locality}" has an empty part`, 'leave trailing "/" away, or write "*"');
    const outer = seen.find((known) => overlaps(known, parts) || (isUnordered && overlaps(parts, known)));
    if (outer)
      return report.error(path, `"${locality}" overlaps with "${outer.join('/')}", which is listed as well`);
    seen.push(parts);
  }
}

/** At most three parts; the rest belongs to the third. */
function splitLocality(locality: string): string[] {
  const parts = locality.split('/');
  return parts.length > 3 ? [...parts.slice(0, 2), parts.slice(2).join('/')] : parts;
}

/**
 * As Istio's map of what it has seen decides it: a region alone collides with everything of that region; a zone with the region's star,
 * an equal zone, or that zone's subzones; "*" closes the list for all that follow.
 */
function overlaps(known: readonly string[], parts: readonly string[]): boolean {
  if (known[0] === '*') return true;
  if (known[0] !== parts[0]) return false;
  if (parts.length === 1 || known.length === 1 || known[1] === '*') return true;
  if (known[1] !== parts[1]) return false;
  return parts.length === 2 || known.length === 2 || known[2] === '*' || known[2] === parts[2];
}
