import type { App, Catalogue, Plan } from './catalogue.ts';

const desktop = (appId: string, name: string): App => ({ appId, name, kind: 'desktop' });
const service = (appId: string, name: string): App => ({ appId, name, kind: 'service' });

const officeApps: App[] = [
  desktop('word', 'Word'),
  desktop('excel', 'Excel'),
  desktop('powerpoint', 'PowerPoint'),
  desktop('outlook', 'Outlook'),
  desktop('onenote', 'OneNote'),
];
const windowsOnlyApps: App[] = [desktop('access', 'Access')];
const webApps: App[] = [service('office-web', 'Word, Excel and PowerPoint on the web')];
const collaboration: App[] = [
  service('exchange', 'Mail and calendar (Exchange)'),
  service('teams', 'Chat and meetings (Teams)'),
  service('sharepoint', 'Team sites (SharePoint)'),
  service('onedrive', 'Personal files (OneDrive)'),
];
const protection: App[] = [
  service('intune', 'Device management (Intune)'),
  service('entra-p1', 'Sign-in protection (Entra ID P1)'),
  service('defender', 'Protection of devices and mail (Defender)'),
];
const advanced: App[] = [
  service('power-bi-pro', 'Reports (Power BI Pro)'),
  service('phone-system', 'Telephony (Teams Phone)'),
  service('audio-conferencing', 'Dial-in numbers (Audio Conferencing)'),
];

/** Small businesses may hold at most this many seats of a plan. */
const businessSeatsMax = 300;

const plans: Plan[] = [
  business('O365_BUSINESS_ESSENTIALS', 'Microsoft 365 Business Basic', [...webApps, ...collaboration]),
  business('O365_BUSINESS', 'Microsoft 365 Apps for business', [
    ...officeApps,
    ...windowsOnlyApps,
    service('onedrive', 'Personal files (OneDrive)'),
  ]),
  business('O365_BUSINESS_PREMIUM', 'Microsoft 365 Business Standard', [
    ...officeApps,
    ...windowsOnlyApps,
    ...webApps,
    ...collaboration,
  ]),
  business('SPB', 'Microsoft 365 Business Premium', [
    ...officeApps,
    ...windowsOnlyApps,
    ...webApps,
    ...collaboration,
    ...protection,
  ]),
  enterprise('OFFICESUBSCRIPTION', 'Microsoft 365 Apps for enterprise', [
    ...officeApps,
    ...windowsOnlyApps,
    service('onedrive', 'Personal files (OneDrive)'),
  ]),
  enterprise('STANDARDPACK', 'Office 365 E1', [...webApps, ...collaboration]),
  enterprise('ENTERPRISEPACK', 'Office 365 E3', [...officeApps, ...windowsOnlyApps, ...webApps, ...collaboration]),
  enterprise('ENTERPRISEPREMIUM', 'Office 365 E5', [
    ...officeApps,
    ...windowsOnlyApps,
    ...webApps,
    ...collaboration,
    ...advanced,
  ]),
  {
    ...enterprise('ENTERPRISEWITHSCAL', 'Office 365 E4', [...officeApps, ...webApps, ...collaboration]),
    endOfSale: '2016-06-30T00:00:00.000Z',
  },
  enterprise('SPE_E3', 'Microsoft 365 E3', [
    ...officeApps,
    ...windowsOnlyApps,
    ...webApps,
    ...collaboration,
    ...protection,
  ]),
  enterprise('SPE_E5', 'Microsoft 365 E5', [
    ...officeApps,
    ...windowsOnlyApps,
    ...webApps,
    ...collaboration,
    ...protection,
    ...advanced,
  ]),
  {
    planId: 'SPE_F1',
    name: 'Microsoft 365 F3',
    family: 'frontline',
    apps: [...webApps, ...collaboration, ...protection],
  },
  {
    planId: 'VISIOCLIENT',
    name: 'Visio Plan 2',
    family: 'visio',
    apps: [desktop('visio', 'Visio'), service('visio-web', 'Visio on the web')],
  },
  {
    planId: 'PROJECTPROFESSIONAL',
    name: 'Project Plan 3',
    family: 'project',
    apps: [desktop('project', 'Project'), service('project-web', 'Project on the web')],
  },
];

/** What is sold when nobody configured a catalogue: well-known plans under the ids that Microsoft's file has for them. */
export const sampleCatalogue: Catalogue = { version: 'sample-1', plans };

function business(planId: string, name: string, apps: App[]): Plan {
  return { planId, name, apps, family: 'business', maxSeats: businessSeatsMax };
}

function enterprise(planId: string, name: string, apps: App[]): Plan {
  return { planId, name, apps, family: 'enterprise' };
}
