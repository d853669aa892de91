export * from './events.ts';
export {
  evolveSeat,
  evolveSeatUse,
  initialSeat,
  seatInForce,
  unusedSeat,
  type Device,
  type SeatInForce,
  type SeatState,
  type SeatUse,
} from './state.ts';
export * from './commands.ts';
export type * from './decision.ts';
export { seatStateAnswers } from './guards.ts';
export { decideSeat } from './decide.ts';
export { seatActions } from './actions.ts';
