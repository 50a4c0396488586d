import { type LayoutRequest, placeAndRoute } from './place-and-route.ts';

/** Layout and routing off the main thread: one request, one answer with its id. */
self.addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => self.postMessage(placeAndRoute(data), {}));
