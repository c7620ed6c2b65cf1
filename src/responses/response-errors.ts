import { AppError } from '../core/errors/app-error.js';

/** What is said of an id that is unknown, malformed or of another project: the same of all. */
export function responseNotFound(): AppError {
  return new AppError(
    'not_found',
    'There is no such response: it was deleted, its time is over, or it was made with `store: false`.',
    { param: 'response_id' },
  );
}

/** As `responseNotFound`, for one to go on from. */
export function previousResponseNotFound(): AppError {
  return new AppError(
    'previous_response_not_found',
    'There is no response with the id in `previous_response_id`: it was deleted, its time is over, or it was made with ' +
      '`store: false`. Send what was said before in `input`.',
    { param: 'previous_response_id' },
  );
}

/** The response is there, and something that it goes on from is not. */
export function brokenChain(): AppError {
  return new AppError(
    'previous_response_not_found',
    'A response before the one in `previous_response_id` was deleted, so that nobody knows all that was said. Send what was ' +
      'said before in `input`.',
    { param: 'previous_response_id' },
  );
}
