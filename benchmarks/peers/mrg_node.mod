: Node of Ranvier of the MRG axon, typed from the published equations (McIntyre, Richardson, Grill 2002) and not from
: the simulator's table, so that a slip in either shows. Voltages mV, rates 1/ms.

NEURON {
    THREADSAFE
    SUFFIX mrg_node
    NONSPECIFIC_CURRENT i_fast, i_lasting, i_slow, i_leak
    RANGE gna, gnap, gks, gl
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gna = 3.0 (S/cm2)
    gnap = 0.01 (S/cm2)
    gks = 0.08 (S/cm2)
    gl = 0.007 (S/cm2)
    ena = 50.0 (mV)
    ek = -90.0 (mV)
    el = -90.0 (mV)
    celsius (degC)
}

STATE { m h p s }

ASSIGNED {
    v (mV)
    i_fast (mA/cm2)
    i_lasting (mA/cm2)
    i_slow (mA/cm2)
    i_leak (mA/cm2)
    m_end h_end p_end s_end
    m_tau (ms)
    h_tau (ms)
    p_tau (ms)
    s_tau (ms)
}

INITIAL {
    rates(v)
    m = m_end
    h = h_end
    p = p_end
    s = s_end
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i_fast = gna * m * m * m * h * (v - ena)
    i_lasting = gnap * p * p * p * (v - ena)
    i_slow = gks * s * (v - ek)
    i_leak = gl * (v - el)
}

DERIVATIVE gates {
    rates(v)
    m' = (m_end - m) / m_tau
    h' = (h_end - h) / h_tau
    p' = (p_end - p) / p_tau
    s' = (s_end - s) / s_tau
}

FUNCTION linear_exp(x, k) {
    : x / (1 - exp(-x / k)), with its limit at x = 0
    if (fabs(x / k) < 1e-6) {
        linear_exp = k + x / 2
    } else {
        linear_exp = x / (1 - exp(-x / k))
    }
}

PROCEDURE rates(v (mV)) {
    LOCAL open, close, warm_mp, warm_h, warm_s
    warm_mp = 2.2 ^ ((celsius - 20) / 10)
    warm_h = 2.9 ^ ((celsius - 20) / 10)
    warm_s = 3.0 ^ ((celsius - 36) / 10)

    open = warm_mp * 1.86 * linear_exp(v + 21.4, 10.3)
    close = warm_mp * 0.086 * linear_exp(-(v + 25.7), 9.16)
    m_tau = 1 / (open + close)
    m_end = open * m_tau

    open = warm_h * 0.062 * linear_exp(-(v + 114), 11)
    close = warm_h * 2.3 / (1 + exp(-(v + 31.8) / 13.4))
    h_tau = 1 / (open + close)
    h_end = open * h_tau

    open = warm_mp * 0.01 * linear_exp(v + 27, 10.2)
    close = warm_mp * 0.00025 * linear_exp(-(v + 34), 10)
    p_tau = 1 / (open + close)
    p_end = open * p_tau

    open = warm_s * 0.3 / (1 + exp(-(v + 53) / 5))
    close = warm_s * 0.03 / (1 + exp(-(v + 90)))
    s_tau = 1 / (open + close)
    s_end = open * s_tau
}
