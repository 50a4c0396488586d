import { NotFound } from '#components/frame/NotFound.tsx';

export default NotFound;
