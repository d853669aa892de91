export * from './kinds.ts';
export * from './events.ts';
export {
  evolveNotice,
  evolveNotices,
  noNotices,
  noticeChangesAt,
  type NoticeRecord,
  type NoticesState,
} from './state.ts';
export { noticesAhead, type NoticeAhead } from './noticed-deadlines.ts';
export { newsNoticeId, planNotices, type NewsKind, type NoticeSpan, type PlannedNotice } from './plan.ts';
export { reportNotice, reviewNotices, type NoticeContext, type NoticeReport } from './decide.ts';
