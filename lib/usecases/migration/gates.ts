export { type GateOverview, readGateOverview as readGates } from '#lib/usecases/gates/overview.ts';
