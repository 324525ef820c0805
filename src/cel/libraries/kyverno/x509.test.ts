import { describe } from 'node:test';
import { STRING } from '../../types.ts';
import { fails, holds, refuses } from './testing.ts';

const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIICtDCCAh2gAwIBAgIBKjANBgkqhkiG9w0BAQsFADA2MQswCQYDVQQGEwJERTEQ
MA4GA1UECgwHRXhhbXBsZTEVMBMGA1UEAwwMaG9zdC5leGFtcGxlMCAXDTI2MTEy
NjAyMTk1MloYDzIxMjYxMTAyMDIxOTUyWjA2MQswCQYDVQQGEwJERTEQMA4GA1UE
CgwHRXhhbXBsZTEVMBMGA1UEAwwMaG9zdC5leGFtcGxlMIGfMA0GCSqGSIb3DQEB
AQUAA4GNADCBiQKBgQDj+vn0LqzXqX8f2TEpeP9eVsjj9gozpjjN5hXBjlDxUdc4
alzE7aJquTWTAf8t1n+x1jODo1R/4FNf40oPM76Xc80e8Xv6Yl9MH/4xa7YCrxe7
3nhHizlNyD02p18VUZyNoUEiNfP2V6BXLA9EMlJYUAGUgEGi4eRN5C6DwHBK0QID
AQABo4HPMIHMMB0GA1UdDgQWBBTho9Ll2jOK0rSlhsBGPtx4vR1t3TAfBgNVHSME
GDAWgBTho9Ll2jOK0rSlhsBGPtx4vR1t3TAPBgNVHRMBAf8EBTADAQH/MCwGA1Ud
EQQlMCOCCWEuZXhhbXBsZYcECgAAAYcQAAAAAAAAAAAAAAAAAAAAATAOBgNVHQ8B
Af8EBAMCBaAwEwYDVR0lBAwwCgYIKwYBBQUHAwEwJgYDVR0eAQH/BBwwGqAYMAqC
CC5leGFtcGxlMAqHCAoAAAD/AAAAMA0GCSqGSIb3DQEBCwUAA4GBAHJ8zY5yd785
jC4DkaC/fVSK6emyr59ZuOo99DGuqrGGjLZRamRM+BF5amVV/188oQEAAZQ/SdI9
T7/sDv+rgzDLt6rI4UDbcSSCmpixc7ukPebb7alCPqc1QnhXg5y+iyt5wSqvIm0p
N2sr6WB7b74RRpFZ5kOO69Tlxn0y2YhO
-----END CERTIFICATE-----
`;

const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIIBkTCB+wIBADAWMRQwEgYDVQQDDAtyZXEuZXhhbXBsZTCBnzANBgkqhkiG9w0B
AQEFAAOBjQAwgYkCgYEA4/r59C6s16l/H9kxKXj/XlbI4/YKM6Y4zeYVwY5Q8VHX
OGpcxO2iark1kwH/LdZ/sdYzg6NUf+BTX+NKDzO+l3PNHvF7+mJfTB/+MWu2Aq8X
u954R4s5Tcg9NqdfFVGcjaFBIjXz9legVywPRDJSWFABlIBBouHkTeQug8BwStEC
AwEAAaA8MDoGCSqGSIb3DQEJDjEtMCswKQYDVR0RBCIwIIIJYS5leGFtcGxlhhNo
dHRwczovL3UuZXhhbXBsZS94MA0GCSqGSIb3DQEBCwUAA4GBAFpmNIiHDV+6Y4S8
DCjPzFwgqdAkZgs8RFRyHYdXL4FCcab3/VvzArQKs5fAebqk06wuRS5pBRXQvjor
c2FG5oxFZ10ksMaKUAVmmHcJGYPu7xsDIVly5oiWDw2afN+qwrNV6EvUJKUNIw1B
Tfr9sVK+MRDv7H3btKuYkZ2Xnyrm
-----END CERTIFICATE REQUEST-----
`;

const ELLIPTIC = `-----BEGIN CERTIFICATE-----
MIIBcDCCARegAwIBAgIUTnsXci3oZTVpeJ4vF+dhIbZbCP8wCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCZWMwIBcNMjYxMTI2MDIxOTUyWhgPMjEyNjExMDIwMjE5NTJa
MA0xCzAJBgNVBAMMAmVjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEcyKQbmyP
zaUoMujYWGlFYtSggKXnExd02mvURNpjGp/sP6BY8dtCg7c1N/NlkBSnhbtzIt+D
8zqdoapapsnh4aNTMFEwHQYDVR0OBBYEFHIKhiGmny/OTOk7+emhTxPu0rXOMB8G
A1UdIwQYMBaAFHIKhiGmny/OTOk7+emhTxPu0rXOMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDRwAwRAIgEVwAwnmQvZsKa188foEisfmGLrLrGBBQejRtii+9
V50CIG+QRbhm2hSRhDm3zzvirrxFL6r8mEq+ixbDDjNuIc08
-----END CERTIFICATE-----
`;

const variables = {
  cert: [STRING, CERTIFICATE],
  request: [STRING, REQUEST],
  elliptic: [STRING, ELLIPTIC],
} as const;

// What Go says of the same certificates.
describe('x509.decode', () => {
  holds(
    [
      "x509.decode(cert).Issuer.CommonName == 'host.example'",
      "x509.decode(cert).Issuer.Country == ['DE'] && x509.decode(cert).Issuer.Locality == null",
      'x509.decode(cert).SerialNumber == 42.0',
      'x509.decode(cert).KeyUsage == 5',
      'x509.decode(cert).ExtKeyUsage == [1]',
      "x509.decode(cert).DNSNames == ['a.example']",
      "x509.decode(cert).IPAddresses == ['10.0.0.1', '::1']",
      "x509.decode(cert).PermittedDNSDomains == ['.example']",
      "x509.decode(cert).PermittedIPRanges[0].Mask == '/wAAAA=='",
      'x509.decode(cert).PublicKey.E == 65537 && x509.decode(cert).PublicKeyAlgorithm == 1',
      'x509.decode(cert).IsCA && x509.decode(cert).MaxPathLen == -1',
      "timestamp(x509.decode(cert).NotAfter) > timestamp('2100-01-01T00:00:00Z')",
      'x509.decode(cert).Raw.size() > 100 && x509.decode("garbage\\n" + cert).Raw == x509.decode(cert).Raw',
      "x509.decode(request).Subject.CommonName == 'req.example'",
      "x509.decode(request).DNSNames == ['a.example']",
      "x509.decode(request).URIs[0].Host == 'u.example'",
      'x509.decode(request).SignatureAlgorithm == 4 && x509.decode(request).Version == 0',
      'x509.decode(request).Attributes[0].Value[0][0].Type == [2, 5, 29, 17]',
    ],
    { variables },
  );
  fails(
    {
      "x509.decode('x')": 'failed to decode PEM block',
      'x509.decode(elliptic)': 'certificate should use rsa algorithm',
      "x509.decode(cert.replace('CERTIFICATE', 'X'))":
        'PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST',
      "x509.decode(cert.replace('MII', 'MIA'))": 'x509: malformed certificate',
    },
    { variables },
  );
  refuses({ 'x509.decode(1)': "found no matching overload for 'x509.decode' applied to '(int)'" });
});
