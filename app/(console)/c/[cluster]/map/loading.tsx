import { MapSkeleton } from '#components/map/MapSkeleton.tsx';

export default function Loading() {
  return <MapSkeleton />;
}
