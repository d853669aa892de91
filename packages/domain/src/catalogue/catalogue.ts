/**
 * The catalogue: plans, and the apps a licence of a plan opens (`domain.md 0` rows 2 and 3).
 *
 * @module
 */
import { z } from 'zod';
import { instantSchema } from '../instant.ts';

const appIds = z.array(z.string().min(1).max(128)).max(200);

/** An app or service that comes with a plan. */
export const appSchema = z.object({
  appId: z.string().min(1).max(128),
  name: z.string().min(1).max(256),
  /** Desktop apps are downloaded, and fall back to reduced functionality; services are on or off (`domain.md 6.9`). */
  kind: z.enum(['desktop', 'service']),
  /** Apps that nobody may have beside this one (`domain.md 1.8`, MutuallyExclusiveViolation); one side says so. */
  excludes: appIds.optional(),
  /** Apps of which one at least must be there too (`domain.md 1.8`, DependencyViolation). */
  requires: appIds.optional(),
});

/** What a plan is bought in: seats for people, or a quantity that nobody holds, for instance storage (`domain.md 1.7`). */
export const planUnits = ['user', 'storage'] as const;

/** See {@link planUnits}. */
export type PlanUnit = (typeof planUnits)[number];

/** A plan that can be subscribed to. */
export const planSchema = z.object({
  planId: z.string().min(1).max(128),
  name: z.string().min(1).max(256),
  /** The seller's own id, for instance Microsoft's GUID of the product. */
  skuId: z.string().max(128).optional(),
  apps: z.array(appSchema).max(500),
  /** No longer sold from then on. */
  endOfSale: instantSchema.optional(),
  maxSeats: z.int().positive().optional(),
  /** Product keys and plan changes stay inside a family. */
  family: z.string().max(128).optional(),
  /** Default: user. */
  unit: z.enum(planUnits).optional(),
  /** Countries where it may not be used (`domain.md 1.8`, ProhibitedInUsageLocationViolation): ISO 3166-1, two letters. */
  prohibitedIn: z
    .array(z.string().regex(/^[A-Z]{2}$/))
    .max(300)
    .optional(),
});

/** A whole catalogue; its version is what events name. */
export const catalogueSchema = z
  .object({ version: z.string().min(1).max(128), plans: z.array(planSchema).max(20_000) })
  .superRefine((catalogue, context) => {
    const seen = new Set<string>();
    for (const [index, { planId }] of catalogue.plans.entries()) {
      if (seen.has(planId)) {
        context.addIssue({
          code: 'custom',
          path: ['plans', index, 'planId'],
          message: `plan ${planId} is there twice`,
        });
      }
      seen.add(planId);
    }
  });

/** See {@link appSchema}. */
export type App = z.infer<typeof appSchema>;
/** See {@link planSchema}. */
export type Plan = z.infer<typeof planSchema>;
/** See {@link catalogueSchema}. */
export type Catalogue = z.infer<typeof catalogueSchema>;
